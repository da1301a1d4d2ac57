-- mode: removal-not-verified
-- evidence: verification records of the system
SELECT c.grant_id,
  CASE WHEN r.verified_at < r.due_at OR r.granted_again_at < r.due_at OR c.judged_at < r.due_at THEN 'pass'
       WHEN r.covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN r.verified_at < r.due_at THEN 'its removal was verified at ' || r.verified_at
       WHEN r.granted_again_at < r.due_at THEN 'it was granted again at ' || r.granted_again_at || ', before a check of its removal was due'
       WHEN c.judged_at < r.due_at THEN 'a check of its removal was not due before ' || r.due_at
       WHEN r.covered = 1 THEN 'revoked at ' || r.ended_at || '; nobody checked by ' || r.due_at || ' that it was gone'
       ELSE 'verification records of ' || c.system || ' for the time after its removal are not at hand' END AS because,
  'verification records of ' || c.system AS need, 'verification' AS ask, r.ended_at AS period_from, r.due_at AS period_to,
  r.due_at AS failed_at, json_array(c.end_record_id, c.record_id) AS records
FROM removals r JOIN circumstances c ON c.grant_id = r.grant_id
WHERE EXISTS (SELECT 1 FROM policy WHERE name = 'verify_removals' AND fold(value) = 'required')
