-- title: Governance defects
-- question: Which control failed in the same way again and again, and how often compared with elsewhere?
SELECT id, severity, mode, class, control, owner, count, roots, identities, entitlements, non_human, first_at, last_at, trend,
  runs, rate, rate_low, rate_high, elsewhere_rate, note
FROM defects
ORDER BY roots DESC, count DESC, id
