-- title: Who held an entitlement, by which paths
-- question: Who held it, as which account, directly or through which group or role, decided by what, and is it still open? :entitlement is its name, :system where (empty: anywhere), :at a time such as 2026-03-01T00:00:00.000Z (empty: at any time).
SELECT g.id AS grant_id, g.via, g.identity_id AS identity, i.kind, i.owner, a.name AS account, e.system, e.name AS entitlement,
  CASE WHEN coalesce(g.via, '') = '' THEN 'direct' ELSE 'through ' || g.via END AS path,
  g.basis, coalesce(g.rule, m.rule) AS rule, coalesce(g.rule_version, m.rule_version) AS rule_version,
  coalesce(g.ticket, m.ticket) AS ticket, coalesce(g.exception, m.exception) AS exception, g.granted_at, g.ended_at, g.ended_by, g.expires_at,
  g.ended_at IS NULL AS still_open, g.judged_at, g.verdict, f.mode AS root, f.owner AS root_owner, f.wrong_since
FROM entitlements e
CROSS JOIN grants g ON g.entitlement_id = e.id
LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN accounts a ON a.id = g.account_id
LEFT JOIN findings f ON f.id = g.root_finding_id
LEFT JOIN grants m ON m.id = g.inherited_from AND m.basis = g.basis
WHERE fold(e.name) = fold(:entitlement) AND (coalesce(:system, '') = '' OR fold(e.system) = fold(:system))
  AND (coalesce(:at, '') = '' OR g.first_sign_at <= :at AND (g.ended_at IS NULL OR g.ended_at > :at))
ORDER BY g.ended_at IS NOT NULL, g.verdict <> 'wrong-access', g.identity_id, g.first_sign_at, g.id
