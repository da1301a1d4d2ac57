-- id: not-verified
-- class: execution
-- control_point: verification
-- part: failed-to-stop
-- owner: system owner
-- question: Was the delivered access not compared with the approved one within verification_window?
-- evidence: verification records of the system
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT grant_id,
  CASE WHEN verified_at < verify_due THEN 'pass' WHEN maybe_until < verify_due THEN 'pass'
       WHEN verify_covered = 1 AND held_until >= verify_due THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN verified_at < verify_due THEN 'verified at ' || verified_at
       WHEN maybe_until < verify_due THEN 'verification was not due before ' || verify_due
       WHEN verify_covered = 1 AND held_until < verify_due THEN 'whether it was held until ' || verify_due || ', when its verification was due, is not known'
       WHEN verify_covered = 1 THEN 'not compared with what was approved by ' || verify_due
       WHEN verify_covered = -1 THEN 'a verification before ' || verify_due || ' is of access that was never granted and differs from this in one name only; whether it is meant is not known'
       ELSE 'verification records of ' || system || ' for that time are not at hand' END AS because,
  'verification records of ' || system AS need, 'verification' AS ask, granted_at AS period_from, verify_due AS period_to,
  verify_due AS failed_at, record_id
FROM circumstances WHERE verify_due IS NOT NULL AND unlogged = 0
