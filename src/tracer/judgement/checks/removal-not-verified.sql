-- id: removal-not-verified
-- class: execution
-- control_point: verification
-- part: failed-to-stop
-- owner: system owner
-- question: Was a revocation not checked within verification_window? (Not applicable unless policy.verify_removals is required.)
-- evidence: verification records of the system
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN r.verified_at < r.due_at OR r.granted_again_at < r.due_at OR c.judged_at < r.due_at THEN 'pass'
       WHEN r.covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN r.verified_at < r.due_at THEN 'its removal was verified at ' || r.verified_at
       WHEN r.granted_again_at < r.due_at THEN 'it was granted again at ' || r.granted_again_at || ', before a check of its removal was due'
       WHEN c.judged_at < r.due_at THEN 'a check of its removal was not due before ' || r.due_at
       WHEN r.covered = 1 THEN 'revoked at ' || r.ended_at || '; nobody checked by ' || r.due_at || ' that it was gone'
       ELSE 'verification records of ' || c.system || ' for the time after its removal are not at hand' END AS because,
  'verification records of ' || c.system AS need, 'verification' AS ask, r.ended_at AS period_from, r.due_at AS period_to,
  r.due_at AS failed_at, c.end_record_id AS record_id, json_array(c.record_id) AS records
FROM removals r JOIN circumstances c ON c.grant_id = r.grant_id
WHERE EXISTS (SELECT 1 FROM policy WHERE name = 'verify_removals' AND fold(value) = 'required')
