-- id: rule-unreviewed
-- class: decision
-- control_point: rule
-- part: failed-to-stop
-- owner: rule owner (application owner)
-- question: Had the rule not been reviewed for least privilege within policy.rule_review_interval when it granted? (Not applicable unless policy sets it.)
-- evidence: when the rule was reviewed, and policy.rule_review_interval
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
WITH reviewed AS (
  SELECT fold(u.id) AS rule, r.value AS at FROM rules u, json_each(u.reviewed_at) r WHERE u.reviewed_at IS NOT NULL AND r.value IS NOT NULL
), found AS (
  SELECT c.grant_id, c.rule, c.rule_version, c.rule_known, c.granted_at, c.record_id, c.rule_record_id, l.value AS interval, l.seconds,
    (SELECT max(v.at) FROM reviewed v WHERE v.rule = fold(c.rule) AND v.at <= c.granted_at) AS reviewed_at
  FROM circumstances c JOIN limits l ON l.name = 'rule_review_interval' WHERE c.basis = 'rule'
)
SELECT grant_id,
  CASE WHEN rule_known = 0 THEN 'no-evidence'
       WHEN (julianday(granted_at) - julianday(reviewed_at)) * 86400 < seconds - 0.0005 THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN rule_known = 0 THEN 'rule ' || rule || coalesce(' version ' || rule_version, '') || ' is not in the register'
       ELSE 'rule ' || rule || ' granted it at ' || granted_at || '; ' || coalesce('its last review was at ' || reviewed_at, 'it had never been reviewed')
         || ', and policy asks for one every ' || interval END AS because,
  'the text of rule ' || rule || coalesce(' version ' || rule_version, '') AS need, 'rule' AS ask, granted_at AS period_from, granted_at AS period_to,
  granted_at AS failed_at, record_id, json_array(rule_record_id) AS records
FROM found
