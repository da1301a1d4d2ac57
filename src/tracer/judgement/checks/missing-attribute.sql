-- id: missing-attribute
-- class: source-data
-- control_point: source-data
-- part: created
-- owner: owner of the authoritative source
-- question: Did the decision rest on an attribute that no source held a value for?
-- evidence: source data, also what was entered later
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1
SELECT c.grant_id,
  CASE WHEN d.decides = 1 THEN 'fail' WHEN u.blank IS NOT NULL AND d.id IS NOT NULL AND d.now_value IS NULL THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN d.decides = 1 THEN 'no source held a value of ' || d.attribute || ' at the decision; entered at ' || d.recorded_at || ': ' || d.now_value
       WHEN u.blank IS NOT NULL AND d.id IS NOT NULL AND d.now_value IS NULL THEN 'the decision rested on ' || d.attribute || ', which no source ever held a value for'
       ELSE 'the decision rested on no attribute without a value' END AS because,
  'the value of ' || d.attribute || ' of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from,
  coalesce(c.decided_at, c.granted_at) AS period_to,
  coalesce(c.decided_at, c.granted_at) AS failed_at, d.system, d.attribute, c.record_id, json_array(d.record_id) AS records
FROM circumstances c
JOIN evaluations u ON u.grant_id = c.grant_id AND u.subject = 'decision' AND u.reading = 'used' AND u.result = 1
LEFT JOIN (SELECT *, max(decides) FROM differences WHERE mode = 'missing-attribute' GROUP BY grant_id) d ON d.grant_id = c.grant_id
