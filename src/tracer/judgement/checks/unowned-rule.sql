-- id: unowned-rule
-- evidence: the rule in the version that granted it, with its owner
SELECT grant_id,
  CASE WHEN rule_known = 0 THEN 'no-evidence' WHEN coalesce(trim(rule_owner), '') = '' THEN 'fail' ELSE 'pass' END AS verdict,
  CASE WHEN rule_known = 0 THEN 'rule ' || rule || coalesce(' version ' || rule_version, '') || ' is not in the register'
       WHEN coalesce(trim(rule_owner), '') = '' THEN 'rule ' || rule || ' version ' || rule_version || ' granted it at ' || granted_at || ' and had no owner in the register'
       ELSE 'rule ' || rule || ' version ' || rule_version || ' was owned by ' || rule_owner END AS because,
  'the text of rule ' || rule || coalesce(' version ' || rule_version, '') AS need, 'rule' AS ask, granted_at AS period_from, granted_at AS period_to,
  granted_at AS failed_at, json_array(record_id, rule_record_id) AS records
FROM circumstances WHERE basis = 'rule'
