-- id: wrong-attribute
-- class: source-data
-- control_point: source-data
-- part: created
-- owner: owner of the authoritative source
-- question: Did the authoritative source hold a value at decision time that it later corrected and without which the decision would have gone the other way? (Corrected: a later row for the same effective time; a row with a later effective time is a change and late-update answers.)
-- evidence: source data with its later corrections
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1
SELECT c.grant_id,
  CASE WHEN d.id IS NOT NULL THEN 'fail' WHEN n.result IS NULL OR open_blank = 1 THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN d.id IS NOT NULL THEN coalesce(d.system, 'the source') || ' held ' || d.attribute || ' = ' || coalesce(nullif(d.then_value, ''), '(none)') || ' at the decision and corrected it to ' || coalesce(nullif(d.now_value, ''), '(none)') || ' at ' || d.recorded_at
       WHEN n.result IS NULL THEN 'the decision cannot be evaluated on source data: ' || coalesce(n.reason, 'unknown')
       WHEN open_blank = 1 THEN 'source data holds no value for what decides: ' || n.values_used
       ELSE 'the decision stands on the facts as known now: ' || n.values_used END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, coalesce(c.decided_at, c.granted_at) AS period_to,
  coalesce(c.decided_at, c.granted_at) AS failed_at, d.system, d.attribute, json_array(c.record_id, d.record_id) AS records
FROM circumstances c
JOIN (
  -- an attribute without a value leaves the question open, unless the value that was entered later is known
  SELECT *, e.blank IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(e.blank) b WHERE b.value NOT IN (
    SELECT x.attribute FROM differences x WHERE x.grant_id = e.grant_id AND x.mode = 'missing-attribute' AND x.now_value IS NOT NULL)) AS open_blank
  FROM evaluations e) n ON n.grant_id = c.grant_id AND n.subject = 'decision' AND n.reading = 'known-now'
LEFT JOIN (SELECT *, min(attribute) FROM differences WHERE mode = 'wrong-attribute' AND decides = 1 GROUP BY grant_id) d ON d.grant_id = c.grant_id
JOIN evaluations u ON u.grant_id = c.grant_id AND u.subject = 'decision' AND u.reading = 'used' AND u.result = 1
