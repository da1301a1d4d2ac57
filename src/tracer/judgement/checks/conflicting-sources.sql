-- id: conflicting-sources
-- class: source-data
-- control_point: source-data
-- part: created
-- owner: the owner of each disagreeing source (shared)
-- question: Did two sources of truth disagree on a deciding attribute at decision time?
-- evidence: source data of every authoritative system
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1
SELECT c.grant_id,
  CASE WHEN d.grant_id IS NOT NULL THEN 'fail' ELSE s.verdict END AS verdict,
  CASE WHEN d.grant_id IS NOT NULL THEN 'sources of truth disagreed on ' || d.attribute || ' when it was decided: ' || d.told || '; the decision used ' || coalesce(nullif(d.used_value, ''), '(none)')
       ELSE s.because END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, coalesce(c.decided_at, c.granted_at) AS period_to,
  coalesce(c.decided_at, c.granted_at) AS failed_at, d.system, d.attribute, d.shared, c.record_id, d.records
FROM circumstances c
JOIN upheld s ON s.grant_id = c.grant_id
LEFT JOIN (
  -- the source whose value the decision used comes first, then by name
  SELECT grant_id, attribute, used_value, min(place) AS place, system, json_remove(json_group_array(system), '$[0]') AS shared,
    group_concat(system || ' held ' || now_value, ', ') AS told, json_group_array(record_id) AS records
  FROM (SELECT *, (now_value <> used_value) || system AS place FROM differences d
        WHERE mode = 'conflicting-sources' AND attribute = (SELECT min(o.attribute) FROM differences o WHERE o.grant_id = d.grant_id AND o.mode = d.mode)
        ORDER BY grant_id, place)
  GROUP BY grant_id) d ON d.grant_id = c.grant_id
