-- title: Failures that nobody owned
-- question: Which failures have no control in the register, or one with an empty seat? The owner is then derived.
SELECT f.control_point, f.control, f.mode, f.owner AS derived_owner, count(*) AS findings,
  count(DISTINCT f.grant_id) AS grants, min(f.grant_id) AS grant_id
FROM findings f
WHERE f.owner_basis = 'derived' OR f.owner IS NULL
GROUP BY f.control_point, f.control, f.mode, f.owner
ORDER BY findings DESC, f.control_point, f.mode
