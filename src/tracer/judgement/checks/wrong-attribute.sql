-- id: wrong-attribute
-- class: source-data
-- control_point: source-data
-- part: created
-- owner: owner of the authoritative source
-- question: Did the authoritative source hold a value at decision time that it later corrected and without which the decision would have gone the other way? (Corrected: a later row for the same effective time; a row with a later effective time is a change and late-update answers.)
-- evidence: source data with its later corrections
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1
SELECT c.grant_id,
  CASE WHEN d.id IS NOT NULL THEN 'fail' ELSE s.verdict END AS verdict,
  CASE WHEN d.id IS NOT NULL THEN coalesce(d.system, 'the source') || ' held ' || d.attribute || ' = ' || coalesce(nullif(d.then_value, ''), '(none)') || ' at the decision and corrected it to ' || coalesce(nullif(d.now_value, ''), '(none)') || ' at ' || d.recorded_at
       ELSE s.because END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, coalesce(c.decided_at, c.granted_at) AS period_to,
  coalesce(c.decided_at, c.granted_at) AS failed_at, d.system, d.attribute, c.record_id, json_array(d.record_id) AS records
FROM circumstances c
JOIN upheld s ON s.grant_id = c.grant_id
LEFT JOIN (SELECT *, min(attribute) FROM differences WHERE mode = 'wrong-attribute' AND decides = 1 GROUP BY grant_id) d ON d.grant_id = c.grant_id
