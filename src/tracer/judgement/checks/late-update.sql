-- id: late-update
-- class: source-data
-- control_point: source-data
-- part: failed-to-stop
-- owner: owner of the authoritative source
-- question: Was a joiner/mover/leaver change recorded later than source_update_sla after it took effect while the access stayed?
-- evidence: source data with the time of its entry
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1;800-53:PS-4;800-53:PS-5
SELECT c.grant_id, CASE WHEN h.id IS NULL THEN 'pass' WHEN h.unknown = 1 OR h.unread = 1 THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN h.id IS NULL THEN 'no change was recorded later than source_update_sla after it took effect'
       ELSE coalesce(h.system, 'the source') || ' recorded ' || h.attribute || ' = ' || coalesce(nullif(h.value, ''), '(none)') || ', effective ' || h.effective_at
         || ', only at ' || h.recorded_at || ', later than the ' || l.value || ' that policy allows' || CASE h.unread WHEN 1 THEN '; whether it had recorded it before is not known' ELSE CASE h.unknown WHEN 1 THEN '; whether it was held then is not known' ELSE '' END END END AS because,
  CASE h.unread WHEN 1 THEN 'source data of ' || c.identity ELSE 'when ' || c.entitlement || ' was taken from ' || c.identity END AS need,
  CASE h.unread WHEN 1 THEN 'source-data' ELSE 'revocation' END AS ask, h.since AS period_from, c.maybe_until AS period_to,
  CASE WHEN h.at_start = 1 THEN coalesce(c.decided_at, c.granted_at)
       ELSE strftime('%Y-%m-%dT%H:%M:%fZ', h.effective_at, '+' || c.source_update_sla || ' seconds') END AS failed_at,
  h.since AS since, h.system, h.attribute, h.at_start AS before_grant,
  c.record_id, json_array(h.record_id) AS records
FROM circumstances c JOIN limits l ON l.name = 'source_update_sla'
LEFT JOIN (
  SELECT *, min(max(unknown, unread) || since) FROM (
    SELECT h.*, coalesce(u.since <= h.since, 0) OR (h.id, h.since) IN (SELECT change_id, at FROM lapsed_changes) AS unknown,
      h.id IN (SELECT change_id FROM unread_changes) AS unread
    FROM changes h JOIN circumstances c ON c.grant_id = h.grant_id LEFT JOIN unsettled_changes u ON u.change_id = h.id
    WHERE h.expression IN ('rule', 'eligible') AND h.since < c.held_until AND NOT (h.at_start = 1 AND h.corrects = 1)
      AND (julianday(h.recorded_at) - julianday(h.effective_at)) * 86400 > c.source_update_sla + 0.0005)
  GROUP BY grant_id) h ON h.grant_id = c.grant_id
WHERE c.source_update_sla IS NOT NULL AND c.basis IN ('rule', 'ticket', 'none')
