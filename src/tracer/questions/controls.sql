-- title: Controls, their owners over time, and how they did
-- page: controls-over-time
-- question: Who owned each control when, who responds for it, how often did it run, fail, or leave no evidence, and where does the register say so? owners is a list in order of time; roots are failures that were the root of wrong access.
SELECT c.id AS control, c.point, c.covers, c.responder, (
    SELECT json_group_array(json_object('owner', o.owner, 'role', o.role, 'from', o.owner_from, 'to', o.owner_to))
    FROM (SELECT * FROM control_owners WHERE control_id = c.id ORDER BY coalesce(owner_from, ''), owner) o) AS owners,
  (SELECT max(o.owner) FROM control_owners o WHERE o.control_id = c.id AND o.owner_to IS NULL AND o.owner IS NOT NULL) AS owner_now,
  coalesce(sum(r.runs), 0) AS runs, coalesce(sum(r.failed), 0) AS failed, coalesce(sum(r.no_evidence), 0) AS no_evidence,
  (SELECT count(*) FROM findings f JOIN grants g ON g.root_finding_id = f.id AND g.verdict = 'wrong-access' WHERE f.control = c.id) AS roots,
  (SELECT min(coalesce(f.failed_at, g.first_sign_at)) FROM findings f JOIN grants g ON g.id = f.grant_id WHERE f.control = c.id) AS first_failed_at,
  (SELECT max(coalesce(f.failed_at, g.first_sign_at)) FROM findings f JOIN grants g ON g.id = f.grant_id WHERE f.control = c.id) AS last_failed_at,
  v.path AS file, d.ordinal
FROM controls c
LEFT JOIN control_runs r ON r.control = c.id
LEFT JOIN records d ON d.id = c.record_id
LEFT JOIN evidence v ON v.id = d.evidence_id
GROUP BY c.id
ORDER BY failed DESC, c.point, c.id
