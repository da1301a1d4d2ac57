-- id: stale-copy
-- class: source-data
-- control_point: source-data
-- part: created
-- owner: owner of the identity sync
-- question: Did the decision use a value that no authoritative source held at that time?
-- evidence: the inputs as logged, and source data as known then
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1
SELECT c.grant_id,
  CASE WHEN d.id IS NOT NULL THEN 'fail' ELSE s.verdict END AS verdict,
  CASE WHEN d.id IS NOT NULL THEN 'the decision used ' || d.attribute || ' = ' || coalesce(nullif(d.used_value, ''), '(none)') || ', which no authoritative source held then; '
         || coalesce((SELECT min(k.system) || ' held ' || k.value FROM decision_inputs k WHERE k.grant_id = c.grant_id AND k.attribute = d.attribute AND k.reading = 'known-then' AND k.value <> ''),
           'none held any' || coalesce(', and ' || nullif(d.now_value, '') || ' was entered at ' || d.recorded_at, ''))
       ELSE s.because END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, coalesce(c.decided_at, c.granted_at) AS period_to,
  coalesce(c.decided_at, c.granted_at) AS failed_at, d.system, d.attribute, c.record_id, json_array(d.record_id) AS records
FROM circumstances c
JOIN upheld s ON s.grant_id = c.grant_id
LEFT JOIN (SELECT *, min(attribute) FROM differences WHERE mode = 'stale-copy' AND decides = 1 GROUP BY grant_id) d ON d.grant_id = c.grant_id
