-- id: rotation-overdue
-- class: execution
-- control_point: rotation
-- part: failed-to-stop
-- owner: credential owner
-- question: Was a credential (an api-key; or an account with rotate records) not rotated within rotation_interval of its creation or last rotation?
-- evidence: when the credential was made and rotated
-- frameworks: nhi:NHI7;csf:PR.AA-01;800-53:IA-5;iso27001:5.17;soc2:CC6.1
SELECT c.grant_id,
  CASE WHEN d.at IS NULL THEN 'pass' WHEN d.covered = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN d.at IS NULL THEN 'what it rests on was rotated in time'
       WHEN d.covered = 1 THEN d.what || ' at ' || d.at || ' and due to be rotated by ' || d.due_at || '; '
         || CASE WHEN d.next_at IS NULL THEN 'it was not' ELSE 'that came only at ' || d.next_at END
       ELSE d.what || ' at ' || d.at || '; whether it was rotated by ' || d.due_at || ' is not known' END AS because,
  'the log of rotations of ' || c.system AS need, 'rotation' AS ask, d.at AS period_from, d.due_at AS period_to,
  d.due_at AS failed_at, d.due_at AS since, i.owner_id AS person, d.record_id, json_array(c.record_id) AS records
FROM circumstances c
JOIN (SELECT DISTINCT grant_id FROM rotations) r ON r.grant_id = c.grant_id
LEFT JOIN (
  SELECT r.*, min(r.due_at) FROM rotations r JOIN circumstances c ON c.grant_id = r.grant_id
  WHERE coalesce(r.next_at, c.held_until) > r.due_at AND c.held_until > r.due_at AND coalesce(r.next_at, '9999') > c.granted_at
  GROUP BY r.grant_id) d ON d.grant_id = c.grant_id
LEFT JOIN (SELECT id, coalesce(owner, CASE WHEN kind = 'human' THEN id END) AS owner_id FROM identities) i ON i.id = c.identity
