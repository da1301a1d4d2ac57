-- id: unowned-rule
-- class: decision
-- control_point: rule
-- part: failed-to-stop
-- owner: process owner
-- question: Had the rule that granted this no business owner at that time?
-- evidence: the rule in the version that granted it, with its owner
-- frameworks: csf:GV.RR-02;800-53:AC-2;iso27001:5.2;soc2:CC1.3;airmf:GOVERN-2.1
SELECT grant_id,
  CASE WHEN rule_known = 0 THEN 'no-evidence' WHEN coalesce(trim(rule_owner), '') = '' THEN 'fail' ELSE 'pass' END AS verdict,
  CASE WHEN rule_known = 0 THEN 'rule ' || rule || coalesce(' version ' || rule_version, '') || ' is not in the register'
       WHEN coalesce(trim(rule_owner), '') = '' THEN 'rule ' || rule || ' version ' || rule_version || ' granted it at ' || granted_at || ' and had no owner in the register'
       ELSE 'rule ' || rule || ' version ' || rule_version || ' was owned by ' || rule_owner END AS because,
  'the text of rule ' || rule || coalesce(' version ' || rule_version, '') AS need, 'rule' AS ask, granted_at AS period_from, granted_at AS period_to,
  granted_at AS failed_at, record_id, json_array(rule_record_id) AS records
FROM circumstances WHERE basis = 'rule'
