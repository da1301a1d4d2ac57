-- id: rule-untested
-- class: decision
-- control_point: rule
-- part: failed-to-stop
-- owner: rule owner (application owner)
-- question: Went the rule version into force with no recorded test against joiner; mover and leaver cases? (Not applicable unless policy.rule_tests is required.)
-- evidence: when the rule version was tested, and policy.rule_tests
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN c.rule_known = 0 THEN 'no-evidence' WHEN u.tested_at <= coalesce(u.valid_from, c.granted_at) THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN c.rule_known = 0 THEN 'rule ' || c.rule || coalesce(' version ' || c.rule_version, '') || ' is not in the register'
       ELSE 'rule ' || c.rule || ' version ' || c.rule_version || ' went into force ' || coalesce('at ' || u.valid_from, 'before ' || c.granted_at)
         || CASE WHEN u.tested_at IS NULL THEN ' with no recorded test' ELSE '; its recorded test was at ' || u.tested_at END END AS because,
  'the text of rule ' || c.rule || coalesce(' version ' || c.rule_version, '') AS need, 'rule' AS ask, c.granted_at AS period_from, c.granted_at AS period_to,
  coalesce(u.valid_from, c.granted_at) AS failed_at, c.record_id, json_array(c.rule_record_id) AS records
FROM circumstances c JOIN policy p ON p.name = 'rule_tests' AND fold(p.value) = 'required'
LEFT JOIN rules u ON u.record_id = c.rule_record_id
WHERE c.basis = 'rule'
