-- title: Wrong access, worst first
-- question: Which grants are wrong access, which control is the root, and who owned it then? Open ones come first.
SELECT g.id AS grant_id, i.name AS identity, e.system, e.name AS entitlement, f.wrong_since, g.ended_at,
  f.class, f.mode, f.control, f.owner, f.because
FROM grants g
JOIN findings f ON f.id = g.root_finding_id
LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN entitlements e ON e.id = g.entitlement_id
WHERE g.verdict = 'wrong-access' AND g.via IS NULL
ORDER BY g.ended_at IS NOT NULL, f.wrong_since, g.id
