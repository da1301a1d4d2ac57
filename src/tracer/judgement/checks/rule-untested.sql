-- id: rule-untested
-- evidence: when the rule version was tested, and policy.rule_tests
SELECT c.grant_id,
  CASE WHEN c.rule_known = 0 THEN 'no-evidence' WHEN u.tested_at <= coalesce(u.valid_from, c.granted_at) THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN c.rule_known = 0 THEN 'rule ' || c.rule || coalesce(' version ' || c.rule_version, '') || ' is not in the register'
       ELSE 'rule ' || c.rule || ' version ' || c.rule_version || ' went into force ' || coalesce('at ' || u.valid_from, 'before ' || c.granted_at)
         || CASE WHEN u.tested_at IS NULL THEN ' with no recorded test' ELSE '; its recorded test was at ' || u.tested_at END END AS because,
  'the text of rule ' || c.rule || coalesce(' version ' || c.rule_version, '') AS need, 'rule' AS ask, c.granted_at AS period_from, c.granted_at AS period_to,
  coalesce(u.valid_from, c.granted_at) AS failed_at, json_array(c.record_id, c.rule_record_id) AS records
FROM circumstances c JOIN policy p ON p.name = 'rule_tests' AND fold(p.value) = 'required'
LEFT JOIN rules u ON u.record_id = c.rule_record_id
WHERE c.basis = 'rule'
