-- mode: not-verified
-- evidence: verification records of the system
SELECT grant_id,
  CASE WHEN verified_at < verify_due THEN 'pass' WHEN held_until < verify_due THEN 'pass'
       WHEN verify_covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN verified_at < verify_due THEN 'verified at ' || verified_at
       WHEN held_until < verify_due THEN 'verification was not due before ' || verify_due
       WHEN verify_covered = 1 THEN 'not compared with what was approved by ' || verify_due
       ELSE 'verification records of ' || system || ' for that time are not at hand' END AS because,
  'verification records of ' || system AS need, 'verification' AS ask, granted_at AS period_from, verify_due AS period_to,
  verify_due AS failed_at, json_array(record_id) AS records
FROM circumstances WHERE verify_due IS NOT NULL AND unlogged = 0
