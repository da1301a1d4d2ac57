-- id: self-service-bypass
-- class: decision
-- control_point: approval
-- part: created
-- owner: application owner
-- question: Did a person who is no permitted provisioner grant it to themselves or to an app where the catalogue asks for an approval and no request exists? (unauthorised-executor is then not applicable.)
-- evidence: a ticket export that covers request_window before the grant
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1;nhi:NHI3;csf:GV.SC-07
SELECT grant_id, CASE WHEN covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  start_id || ' granted it to ' || CASE WHEN start_id = identity THEN 'themselves' ELSE identity END
    || ' where the catalogue asks for an approval'
    || CASE WHEN covered = 1 THEN ', and no request exists' ELSE '; whether a request exists is not known' END AS because,
  ticket_need AS need, 'request' AS ask, missing_from AS period_from, missing_to AS period_to, granted_at AS failed_at,
  record_id, json_array(role_record_id) AS records
FROM circumstances
WHERE self_grant = 1 AND approval = 'required' AND basis = 'none' AND decision IS NULL AND override_event_id IS NULL AND exception IS NULL
