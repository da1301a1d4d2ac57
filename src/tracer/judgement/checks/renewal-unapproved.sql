-- id: renewal-unapproved
-- class: decision
-- control_point: approval
-- part: approved
-- owner: approver of the original grant
-- question: Was access or a licence extended without a new approval?
-- evidence: extensions in the log, and a ticket export that covers request_window before them
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN n.grant_id IS NULL OR c.held_until <= c.expires_at THEN 'pass' WHEN n.known = 0 THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN n.grant_id IS NULL THEN 'every extension had an approval of its own'
       WHEN c.held_until <= c.expires_at THEN 'it was extended at ' || n.at || ' but not held beyond its end at ' || c.expires_at
       WHEN n.known = 0 THEN 'it was extended at ' || n.at || '; whether a new approval stands behind that is not known'
       ELSE 'it was extended at ' || n.at || coalesce(' until ' || n.expires_at, '') || ' with no new approval' || coalesce(': ' || n.ticket || ' is no request that was approved before', '')
         || coalesce('; its end had been ' || c.expires_at, '') END AS because,
  n.need, 'request' AS ask, n.period_from, n.period_to,
  coalesce(c.expires_at, n.at) AS failed_at, coalesce(c.expires_at, n.at) AS since, c.approver_id AS person, c.other_approvers AS shared,
  c.record_id, json_array(n.record_id, c.request_record_id) AS records
FROM circumstances c
LEFT JOIN (SELECT *, min(at || event_id), max(approved IS NOT NULL) AS known FROM renewals WHERE coalesce(approved, 0) = 0 GROUP BY grant_id) n ON n.grant_id = c.grant_id
WHERE c.basis <> 'exception' AND c.grant_id IN (SELECT grant_id FROM renewals)
