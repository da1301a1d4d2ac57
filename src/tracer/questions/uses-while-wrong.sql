-- title: What was done with wrong access
-- question: Which actions did the accounts take in that system while their access was wrong? Counted per account, action and hour; an hour counts where it overlaps.
SELECT g.id AS grant_id, i.name AS identity, a.name AS account, e.name AS entitlement, u.action,
  sum(u.count) AS uses, sum(u.failed) AS failed, min(u.first_at) AS first, max(u.last_at) AS last
FROM grants g
CROSS JOIN findings f ON f.id = g.root_finding_id
CROSS JOIN entitlements e ON e.id = g.entitlement_id
CROSS JOIN uses u ON u.account_id = g.account_id AND u.system = e.system AND u.last_at >= f.wrong_since
  AND (g.ended_at IS NULL OR u.first_at < g.ended_at) AND (u.entitlement_id IS NULL OR u.entitlement_id IN ('', g.entitlement_id))
LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN accounts a ON a.id = g.account_id
WHERE g.verdict = 'wrong-access'
GROUP BY g.id, u.action
ORDER BY uses DESC, g.id, u.action
