-- id: unlogged-grant
-- class: execution
-- control_point: logging
-- part: failed-to-stop
-- owner: system owner
-- question: Is the access held; reviewed or used with no grant in logs that cover that period? (It makes a grant with granted_at null; its first sign counts as its time. With an approved request only this fails; without one no-decision is the root.)
-- evidence: a log of grants that covers the first sign of the access
-- frameworks: csf:PR.PS-04;csf:RS.AN-06;800-53:AU-2;800-53:AU-12;iso27001:8.15;soc2:CC7.2
SELECT grant_id, CASE WHEN unlogged = 0 THEN 'pass' WHEN log_covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN unlogged = 0 THEN 'its grant is in the log'
       WHEN log_covered = 1 THEN 'it was first seen at ' || granted_at || ', and the log of ' || system || ' that covers this time has no grant of it'
       ELSE 'it was first seen at ' || granted_at || '; a log of ' || system || ' in which its grant would stand is not at hand' END AS because,
  'the log of who was granted ' || entitlement || ' in ' || system AS need, 'logging' AS ask, NULL AS period_from, granted_at AS period_to,
  granted_at AS failed_at, record_id, json_array(request_record_id) AS records
FROM circumstances
