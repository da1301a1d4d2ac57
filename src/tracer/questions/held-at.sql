-- title: Who held an entitlement at a time
-- question: Who held it then, as which account, decided by what? :entitlement is its name, :at a time such as 2026-03-01T00:00:00.000Z.
SELECT g.id AS grant_id, i.name AS identity, a.name AS account, e.system, e.name AS entitlement, g.granted_at, g.ended_at,
  g.basis, g.ticket, g.rule, g.verdict
FROM entitlements e
CROSS JOIN grants g ON g.entitlement_id = e.id
LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN accounts a ON a.id = g.account_id
WHERE lower(e.name) = lower(:entitlement) AND g.first_sign_at <= :at
  AND (g.ended_at IS NULL OR g.ended_at > :at)
ORDER BY e.system, i.name, g.id
