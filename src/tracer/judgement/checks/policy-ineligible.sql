-- id: policy-ineligible
-- class: decision
-- control_point: approval
-- part: approved
-- owner: approver
-- question: Was the request approved although the role catalogue excludes this identity on the facts known then?
-- evidence: the catalogue's eligibility and source data as known at the approval
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1;nhi:NHI5;800-53:AC-6
SELECT c.grant_id,
  CASE WHEN d.result IS NULL OR d.blank IS NOT NULL THEN 'no-evidence' WHEN d.result = 1 THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN d.result IS NULL THEN 'eligibility cannot be evaluated: ' || coalesce(d.reason, 'unknown')
       WHEN d.blank IS NOT NULL THEN 'source data at ' || c.decided_at || ' holds no value for what decides eligibility: ' || d.values_used
       ELSE c.identity || CASE d.result WHEN 1 THEN ' was' ELSE ' was not' END || ' eligible for ' || c.entitlement || ' at '
         || c.decided_at || ': ' || d.values_used END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, c.decided_at AS period_to,
  c.decided_at AS failed_at,
  (SELECT min(a.approver_id) FROM approvals a WHERE a.grant_id = c.grant_id) AS person,
  c.record_id, json_array(c.request_record_id, c.role_record_id) AS records
FROM circumstances c
JOIN evaluations d ON d.grant_id = c.grant_id AND d.subject = 'eligible' AND d.reading = 'known-then'
WHERE c.basis = 'ticket' AND c.decision = 'approved'
