-- id: shared-secret-known-to-leaver
-- class: execution
-- control_point: rotation
-- part: failed-to-stop
-- owner: credential owner
-- question: Did someone who knew a shared credential (register: known_to) leave without its rotation within revocation_sla?
-- evidence: the register's known_to, source data, and the log of rotations
-- frameworks: nhi:NHI7;csf:PR.AA-01;800-53:IA-5;iso27001:5.17;soc2:CC6.1
SELECT c.grant_id, coalesce(m.verdict, 'pass') AS verdict,
  CASE WHEN coalesce(m.verdict, 'pass') = 'pass' THEN 'nobody who knew the shared secret left without its rotation'
       ELSE m.known_as || ', who knew the shared secret, left at ' || m.since || '; due to be rotated by ' || m.deadline
         || CASE WHEN m.verdict = 'no-evidence' THEN ', whether it was is not known' WHEN m.rotated_at IS NULL THEN ', it was not'
                 ELSE ', that came only at ' || m.rotated_at END END AS because,
  'the log of rotations and revocations of ' || c.system AS need, 'rotation' AS ask, m.since AS period_from, m.deadline AS period_to,
  m.deadline AS failed_at, m.since, i.owner_id AS person, m.record_id, json_array(c.record_id, c.end_record_id) AS records
FROM circumstances c
JOIN (SELECT DISTINCT grant_id FROM compromises WHERE mode = 'shared-secret-known-to-leaver') k ON k.grant_id = c.grant_id
LEFT JOIN (
  SELECT m.*, CASE WHEN c.held_until > m.deadline AND m.covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
    min(CASE WHEN c.held_until > m.deadline AND m.covered = 1 THEN '0' ELSE '1' END || m.since)
  FROM compromises m JOIN circumstances c ON c.grant_id = m.grant_id JOIN grants g ON g.id = m.grant_id
  WHERE m.mode = 'shared-secret-known-to-leaver' AND coalesce(m.rotated_at > m.deadline, 1) AND coalesce(g.ended_at, g.judged_at) > m.deadline
  GROUP BY m.grant_id) m ON m.grant_id = c.grant_id
LEFT JOIN (SELECT id, coalesce(owner, CASE WHEN kind = 'human' THEN id END) AS owner_id FROM identities) i ON i.id = c.identity
