-- title: Root causes per owner
-- question: Whose controls were the root of wrong access, how often, and since when?
SELECT coalesce(f.owner, 'nobody') AS owner, f.owner_role, count(*) AS grants, count(DISTINCT g.identity_id) AS identities,
  count(DISTINCT f.control) AS controls, sum(g.ended_at IS NULL) AS still_open, min(f.wrong_since) AS first,
  max(f.wrong_since) AS last
FROM grants g JOIN findings f ON f.id = g.root_finding_id
WHERE g.verdict = 'wrong-access'
GROUP BY f.owner, f.owner_role
ORDER BY grants DESC, owner
