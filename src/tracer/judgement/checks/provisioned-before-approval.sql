-- id: provisioned-before-approval
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: executor's owner (system owner)
-- question: Was it provisioned before its approval?
-- evidence: the request with its approvals
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN decision = 'approved' AND decided_at <= granted_at THEN 'pass'
       WHEN decided_at <= granted_at THEN 'pass'
       -- what only signs show may have been granted on an older request, before the log begins
       WHEN unlogged = 1 AND coalesce(log_covered, 0) = 0 THEN 'no-evidence'
       WHEN m.rule IS NOT NULL THEN 'no-evidence'
       WHEN told.decides = 1 AND (decided_at > granted_at OR covered_at_grant = 1) THEN 'fail'
       ELSE 'no-evidence' END AS verdict,
  CASE WHEN decided_at <= granted_at THEN ticket || ' was ' || decision || ' at ' || decided_at || ', not after the grant'
       WHEN unlogged = 1 AND coalesce(log_covered, 0) = 0 THEN 'it was first seen at ' || granted_at || '; when it was granted is not known'
       WHEN m.rule IS NOT NULL THEN 'granted at ' || granted_at || ', not on ' || ticket || '; rule ' || m.rule || ' gave it then and may have decided it, the log names no rules'
       WHEN told.decides = 1 AND decided_at > granted_at THEN 'granted at ' || granted_at || ', but ' || ticket || ' was ' || decision || ' only at ' || decided_at
       WHEN told.decides = 1 THEN 'granted at ' || granted_at || ' while ' || ticket || ' was still pending'
       ELSE 'granted at ' || granted_at || '; how ' || ticket || ' was decided is in no field that the register names' END AS because,
  CASE WHEN m.rule IS NOT NULL THEN m.need
       WHEN told.decides = 1 THEN 'a later export of ' || ticket ELSE 'which field of the ticket holds the approvals (register: tickets)' END AS need, CASE WHEN m.rule IS NULL THEN 'request' ELSE 'provisioning' END AS ask, granted_at AS period_from, granted_at AS period_to,
  granted_at AS failed_at, c.record_id, json_array(request_record_id) AS records
FROM circumstances c
-- of a source of which no ticket at all is known to be approved or denied, nor which field says so, being pending means nothing
JOIN (SELECT id, source AS desk FROM requests) q ON q.id = c.request_id
JOIN (SELECT source AS desk, max(decision IN ('approved', 'denied') OR coalesce(known_fields LIKE '%"approvals"%', 0)) AS decides FROM requests GROUP BY source) told ON told.desk = q.desk
LEFT JOIN perhaps_ruled m ON m.grant_id = c.grant_id
WHERE decision IS NOT NULL
