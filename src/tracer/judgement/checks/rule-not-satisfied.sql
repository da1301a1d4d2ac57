-- id: rule-not-satisfied
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: owner of the rules engine (identity team)
-- question: Did the engine grant although the rule in the version it logged is false on the very inputs it logged?
-- evidence: the rule in the version that the log names, and the inputs as logged
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN c.rule_known = 0 OR c.inputs_logged = 0 OR d.result IS NULL THEN 'no-evidence'
       WHEN d.result = 1 AND p.doubt = 2 THEN 'no-evidence'
       WHEN d.result = 1 THEN 'pass'
       WHEN EXISTS (SELECT 1 FROM json_each(coalesce(d.blank, '[]')) b WHERE NOT EXISTS (
              SELECT 1 FROM decision_inputs n WHERE n.grant_id = c.grant_id AND n.reading = 'logged' AND n.attribute = b.value))
         THEN 'no-evidence'
       ELSE 'fail' END AS verdict,
  CASE WHEN c.rule_known = 0 THEN 'rule ' || c.rule || coalesce(' version ' || c.rule_version, '') || ' is not in the register'
       WHEN c.inputs_logged = 0 THEN 'the engine logged no inputs of rule ' || c.rule
       WHEN d.result IS NULL THEN 'rule ' || c.rule || ' cannot be evaluated: ' || coalesce(d.reason, 'no translation')
       WHEN d.result = 1 AND p.doubt = 2 THEN p.because
       ELSE 'rule ' || c.rule || ' version ' || c.rule_version || ' is ' || CASE d.result WHEN 1 THEN 'true' ELSE 'false' END
         || ' on the inputs it logged: ' || d.values_used END AS because,
  CASE WHEN c.rule_known = 0 THEN 'the text of rule ' || c.rule || coalesce(' version ' || c.rule_version, '')
       WHEN d.result = 1 AND p.doubt = 2 THEN p.need
       ELSE 'the inputs that rule ' || c.rule || ' read' END AS need,
  'rule' AS ask, c.granted_at AS period_from, c.granted_at AS period_to, c.granted_at AS failed_at,
  c.record_id, json_array(c.rule_record_id) AS records
FROM circumstances c
LEFT JOIN evaluations d ON d.grant_id = c.grant_id AND d.subject = 'decision' AND d.reading = 'logged'
LEFT JOIN reproductions p ON p.grant_id = c.grant_id
WHERE c.basis = 'rule'
