-- title: Blast radius of a finding
-- question: Which other grants come from the same rule version, wrong fact, approver without authority or executor since the control began to fail, which failed in the same way, and what was done with them while they were wrong? :finding is the id of a finding; uses are empty where no source logs them.
WITH it AS (
  SELECT f.id, f.grant_id, f.class, f.mode, f.control, f.control_point, g.identity_id, g.rule, g.rule_version, g.executor_id,
    e.system, k.system AS fact_system, k.attribute, (
      SELECT min(coalesce(o.failed_at, og.first_sign_at)) FROM findings o JOIN grants og ON og.id = o.grant_id
      WHERE o.mode = f.mode AND o.control IS f.control) AS began
  FROM findings f
  CROSS JOIN grants g ON g.id = f.grant_id
  CROSS JOIN entitlements e ON e.id = g.entitlement_id
  LEFT JOIN checks k ON k.grant_id = f.grant_id AND k.mode = f.mode
  WHERE f.id = :finding
), reached AS (
  SELECT o.grant_id, 1 AS failed, 5 AS rank, 'the same control failed in the same way' AS because
  FROM it CROSS JOIN findings o ON o.mode = it.mode AND o.control IS it.control
  UNION ALL
  SELECT g.id, 0, 1, 'rule ' || g.rule || coalesce(' version ' || g.rule_version, '')
  FROM it CROSS JOIN grants g ON g.rule IN (it.rule, upper(it.rule), lower(it.rule)) AND g.rule_version IS it.rule_version
  WHERE (it.control_point = 'rule' OR it.mode IN ('stale-rule', 'rule-not-satisfied')) AND g.first_sign_at >= it.began
  UNION ALL
  -- A fact belongs to one identity: others of its grants that used a value which was later corrected, or was missing.
  SELECT g.id, 0, 2, d.attribute || coalesce(' as ' || d.system || ' had it', '')
  FROM it CROSS JOIN grants g ON g.identity_id = it.identity_id
  CROSS JOIN differences d ON d.grant_id = g.id AND d.attribute = it.attribute AND d.system IS it.fact_system
  WHERE it.class = 'source-data'
  UNION ALL
  SELECT g.id, 0, 2, h.attribute || coalesce(' as ' || h.system || ' had it', '')
  FROM it CROSS JOIN grants g ON g.identity_id = it.identity_id
  CROSS JOIN changes h ON h.grant_id = g.id AND h.attribute = it.attribute AND h.system IS it.fact_system
  WHERE it.mode = 'late-update'
  UNION ALL
  SELECT p.grant_id, 0, 3, 'approved without authority by ' || p.approver_id
  FROM it CROSS JOIN approvals mine ON mine.grant_id = it.grant_id AND mine.authority NOT IN ('own', 'delegated')
  CROSS JOIN approvals p ON p.approver_id = mine.approver_id AND p.authority NOT IN ('own', 'delegated')
  WHERE it.mode IN ('approver-lacks-authority', 'delegation-invalid') AND p.at >= it.began
  UNION ALL
  SELECT g.id, 0, 4, 'granted in ' || e.system || ' by ' || a.name
  FROM it CROSS JOIN grants g ON g.executor_id = it.executor_id
  CROSS JOIN entitlements e ON e.id = g.entitlement_id AND e.system = it.system
  CROSS JOIN accounts a ON a.id = g.executor_id
  WHERE (it.control_point IN ('provisioning', 'exception') OR it.mode = 'self-service-bypass') AND g.first_sign_at >= it.began
    AND it.mode NOT IN ('stale-rule', 'rule-not-satisfied', 'exception-not-cleaned-up')
), others AS (
  -- Of several reasons the most particular one is told: it stands beside min(rank).
  SELECT r.grant_id, max(r.failed) AS failed, min(r.rank) AS rank, r.because
  FROM reached r JOIN it ON r.grant_id <> it.grant_id GROUP BY r.grant_id
)
SELECT o.grant_id, g.identity_id AS identity, a.name AS account, e.system, e.name AS entitlement, g.granted_at, g.ended_at,
  g.ended_at IS NULL AS still_open, o.because, o.failed, g.verdict, f.mode AS root, f.wrong_since,
  (SELECT CASE WHEN sum(u.count) > 0 OR EXISTS (
       SELECT 1 FROM use_spans s WHERE s.system = lower(e.system) AND s.last_at >= f.wrong_since
         AND (g.ended_at IS NULL OR s.first_at < g.ended_at)) THEN coalesce(sum(u.count), 0) END
   FROM uses u WHERE u.account_id = g.account_id AND u.last_at >= f.wrong_since AND (g.ended_at IS NULL OR u.first_at < g.ended_at)
     AND u.entitlement_id IN ('', g.entitlement_id)) AS uses
FROM others o
CROSS JOIN grants g ON g.id = o.grant_id
CROSS JOIN entitlements e ON e.id = g.entitlement_id
LEFT JOIN accounts a ON a.id = g.account_id
LEFT JOIN findings f ON f.id = g.root_finding_id AND g.verdict = 'wrong-access'
ORDER BY o.failed DESC, g.first_sign_at, o.grant_id
