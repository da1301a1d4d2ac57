-- id: stale-rule
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: owner of the rules engine (identity team)
-- question: Was a rule version or template applied that was not in force?
-- evidence: the version that the log names or that alone gives what was delivered, and the register's versions of the rule with their times
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
WITH keyed AS MATERIALIZED (SELECT fold(id) AS folded, * FROM rules),
bare AS MATERIALIZED (SELECT DISTINCT rule, entitlement_id FROM grants WHERE rule_version IS NULL AND rule IS NOT NULL),
unnamed AS MATERIALIZED (
  -- Of a version that the log does not name, what it gives tells which one it was: null where it does not list that.
  SELECT a.rule, a.entitlement_id, r.version, coalesce(r.valid_from, '') AS since, coalesce(r.valid_to, '9999') AS until,
    CASE WHEN coalesce(r.grants, '[]') <> '[]' THEN EXISTS (
      SELECT 1 FROM json_each(r.grants) j WHERE matches(json_extract(j.value, '$.system'), e.system)
        AND matches(json_extract(j.value, '$.entitlement'), e.name)) END AS gives
  FROM (SELECT n.rule AS name, r.* FROM (SELECT DISTINCT rule FROM bare) n JOIN keyed r ON r.folded = fold(n.rule)) r
  JOIN bare a ON a.rule = r.name
  JOIN entitlements e ON e.id = a.entitlement_id)
SELECT c.grant_id,
  CASE WHEN u.id IS NULL AND c.rule_logged IS NULL AND p.versions > 0 THEN 'fail'
       WHEN u.id IS NULL THEN 'no-evidence'
       WHEN NOT (coalesce(u.valid_from, '') <= c.granted_at AND (u.valid_to IS NULL OR c.granted_at < u.valid_to)) THEN 'fail'
       WHEN p.given_now = 0 AND p.given_else IS NOT NULL THEN 'fail'
       WHEN c.rule_logged IS NULL AND p.earlier > 0 AND NOT (p.given_now = 1 AND p.possible_else = 0) THEN 'no-evidence'
       ELSE 'pass' END AS verdict,
  CASE WHEN u.id IS NULL AND c.rule_logged IS NULL AND p.versions > 0 THEN 'no version of rule ' || c.rule || ' was in force at ' || c.granted_at
       WHEN u.id IS NULL THEN 'rule ' || c.rule || coalesce(' version ' || c.rule_logged, '') || ' is not in the register'
       WHEN coalesce(u.valid_from, '') > c.granted_at THEN 'rule ' || c.rule || ' version ' || u.version || ' came into force only at ' || u.valid_from
       WHEN u.valid_to <= c.granted_at THEN 'rule ' || c.rule || ' version ' || u.version || ' was applied at ' || c.granted_at || ', though it was in force only before ' || u.valid_to
       WHEN p.given_now = 0 AND p.given_else IS NOT NULL THEN c.entitlement || ' is given by version ' || p.given_else || ' of rule ' || c.rule
         || ', but not by version ' || u.version || ', which was in force at ' || c.granted_at
       WHEN c.rule_logged IS NULL AND p.earlier > 0 AND NOT (p.given_now = 1 AND p.possible_else = 0) THEN 'the log does not say which version of rule ' || c.rule || ' was applied'
       ELSE 'rule ' || c.rule || ' version ' || u.version || ' was in force at ' || c.granted_at END AS because,
  CASE WHEN u.id IS NULL THEN 'the text of rule ' || c.rule || coalesce(' version ' || c.rule_logged, '') || ' and when it was in force'
       ELSE 'which version of rule ' || c.rule || ' was applied' END AS need,
  'rule' AS ask, c.granted_at AS period_from, c.granted_at AS period_to, c.granted_at AS failed_at,
  c.record_id, json_array(c.rule_record_id) AS records
FROM (SELECT c.*, g.rule_version AS rule_logged FROM circumstances c JOIN grants g ON g.id = c.grant_id WHERE c.basis = 'rule') c
LEFT JOIN (SELECT *, min(rowid) FROM rules GROUP BY record_id) u ON u.record_id = c.rule_record_id
LEFT JOIN (
  SELECT grant_id, count(*) AS versions, sum(ended) AS earlier, max(CASE WHEN in_force THEN gives END) AS given_now,
    max(CASE WHEN NOT in_force AND gives THEN version END) AS given_else, sum(NOT in_force AND coalesce(gives, 1)) AS possible_else
  FROM (
    SELECT g.id AS grant_id, r.version, r.gives, r.until <= g.first_sign_at AS ended,
      r.since <= g.first_sign_at AND g.first_sign_at < r.until AS in_force
    FROM unnamed r CROSS JOIN grants g ON g.rule = r.rule AND g.entitlement_id = r.entitlement_id AND g.rule_version IS NULL)
  GROUP BY grant_id) p ON p.grant_id = c.grant_id
