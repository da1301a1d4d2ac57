-- mode: provisioned-before-approval
-- evidence: the request with its approvals
SELECT grant_id,
  CASE WHEN decision = 'approved' AND decided_at <= granted_at THEN 'pass'
       WHEN decided_at <= granted_at THEN 'pass'
       -- what only signs show may have been granted on an older request, before the log begins
       WHEN unlogged = 1 AND coalesce(log_covered, 0) = 0 THEN 'no-evidence'
       WHEN decided_at > granted_at OR covered_at_grant = 1 THEN 'fail'
       ELSE 'no-evidence' END AS verdict,
  CASE WHEN decided_at <= granted_at THEN ticket || ' was ' || decision || ' at ' || decided_at || ', not after the grant'
       WHEN unlogged = 1 AND coalesce(log_covered, 0) = 0 THEN 'it was first seen at ' || granted_at || '; when it was granted is not known'
       WHEN decided_at > granted_at THEN 'granted at ' || granted_at || ', but ' || ticket || ' was ' || decision || ' only at ' || decided_at
       ELSE 'granted at ' || granted_at || ' while ' || ticket || ' was still pending' END AS because,
  'a later export of ' || ticket AS need, 'request' AS ask, granted_at AS period_from, granted_at AS period_to,
  granted_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances WHERE decision IS NOT NULL
