-- id: self-service-bypass
-- class: decision
-- control_point: approval
-- part: created
-- owner: application owner
-- question: Did a person who is no permitted provisioner grant it to themselves or to an app where the catalogue asks for an approval and no request exists? (unauthorised-executor is then not applicable.)
-- evidence: a ticket export that covers request_window before the grant
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1;nhi:NHI3;csf:GV.SC-07
SELECT c.grant_id, CASE WHEN c.covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  c.start_id || CASE WHEN s.kind = 'human' THEN '' ELSE coalesce(', on behalf of ' || coalesce(b.identity_id, s.on_behalf_of) || ',', '') END
    || ' granted it to ' || CASE WHEN c.start_id = c.identity THEN 'themselves' ELSE c.identity END
    || ' where the catalogue asks for an approval'
    || CASE WHEN c.covered = 1 THEN ', and no request exists' ELSE '; whether a request exists is not known' END AS because,
  c.ticket_need AS need, 'request' AS ask, c.missing_from AS period_from, c.missing_to AS period_to, c.granted_at AS failed_at,
  c.record_id, json_array(c.role_record_id) AS records
FROM circumstances c JOIN grants g ON g.id = c.grant_id
LEFT JOIN identities s ON s.id = c.start_id
LEFT JOIN accounts b ON b.id = account_id(c.system, g.on_behalf_of)
WHERE c.self_grant = 1 AND c.approval = 'required' AND c.basis = 'none' AND c.decision IS NULL AND c.override_event_id IS NULL AND c.exception IS NULL
