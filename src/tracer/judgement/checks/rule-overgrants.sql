-- id: rule-overgrants
-- class: decision
-- control_point: rule
-- part: created
-- owner: rule owner (application owner)
-- question: Does the rule in force grant this on true inputs although the role catalogue does not allow it?
-- evidence: rule, catalogue and source data as known now
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1;nhi:NHI5;800-53:AC-6
SELECT c.grant_id,
  CASE WHEN r.result IS NULL OR e.result IS NULL OR (e.result = 0 AND e.blank IS NOT NULL) THEN 'no-evidence'
       WHEN r.result = 1 AND e.result = 0 THEN 'fail' ELSE 'pass' END AS verdict,
  CASE WHEN r.result IS NULL OR e.result IS NULL THEN 'rule or eligibility cannot be evaluated: ' || coalesce(r.reason, e.reason, 'unknown')
       WHEN e.result = 0 AND e.blank IS NOT NULL THEN 'source data at ' || c.granted_at || ' holds no value for what decides eligibility: ' || e.values_used
       ELSE 'rule ' || c.rule || ' is ' || CASE r.result WHEN 1 THEN 'true' ELSE 'false' END || ' on true facts (' || r.values_used
         || ') and the catalogue ' || CASE e.result WHEN 1 THEN 'allows ' ELSE 'does not allow ' END || c.entitlement
         || ' (' || e.values_used || ')' END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, c.granted_at AS period_to,
  c.granted_at AS failed_at, c.record_id, json_array(c.rule_record_id, c.role_record_id) AS records
FROM circumstances c
JOIN evaluations r ON r.grant_id = c.grant_id AND r.subject = 'decision' AND r.reading = 'known-now'
JOIN evaluations e ON e.grant_id = c.grant_id AND e.subject = 'eligible' AND e.reading = 'known-now'
WHERE c.basis = 'rule'
