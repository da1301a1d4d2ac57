-- id: revocation-missed
-- class: execution
-- control_point: revocation
-- part: failed-to-stop
-- owner: owner of deprovisioning
-- question: Was the access not revoked within revocation_sla after the source recorded the leave; move or end of purpose?
-- evidence: source data, the end of purpose, and the log of revocations
-- frameworks: nhi:NHI1;csf:PR.AA-01;csf:PR.AA-05;800-53:AC-2;800-53:PS-4;iso27001:5.18;iso27001:6.5;soc2:CC6.2
SELECT c.grant_id, CASE WHEN h.id IS NULL THEN 'pass' WHEN h.known = 1 THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN h.id IS NULL THEN 'no leave, move or end of purpose was left without a revocation in time'
       WHEN h.expression = 'purpose' THEN 'its purpose ended at ' || h.effective_at || '; due to be revoked by ' || h.deadline || ', '
         || CASE c.is_open WHEN 1 THEN 'it was not taken away by ' || c.held_until || ', the last record of ' || c.system ELSE 'it was held until ' || c.held_until END
       ELSE h.attribute || ' became ' || coalesce(nullif(h.value, ''), '(none)') || ' at ' || h.effective_at || ', recorded at ' || h.recorded_at
         || '; due to be revoked by ' || h.deadline || CASE WHEN h.known = 1 THEN ', ' || CASE c.is_open WHEN 1 THEN 'it was not taken away by ' || c.held_until || ', the last record of ' || c.system ELSE 'it was held until ' || c.held_until END
           WHEN h.unsettled IS NOT NULL THEN ', what ' || h.system || ' recorded since ' || h.unsettled || ' is missing'
           ELSE ', whether it was held after ' || min(c.held_until, h.deadline) || ' is not known' END END AS because,
  CASE WHEN h.unsettled IS NULL THEN 'when ' || c.entitlement || ' was taken from ' || c.identity ELSE 'source data of ' || c.identity END AS need,
  CASE WHEN h.unsettled IS NULL THEN 'revocation' ELSE 'source-data' END AS ask, h.deadline AS period_from, c.maybe_until AS period_to,
  h.deadline AS failed_at, h.since AS since, c.record_id, json_array(h.record_id, c.end_record_id) AS records
FROM circumstances c
LEFT JOIN (
  SELECT *, min((1 - known) || since) FROM (
    SELECT h.*, u.since AS unsettled, min(coalesce(h.until, '9999'), coalesce(u.since, '9999'), c.held_until) > h.deadline
      AND (h.id, h.deadline) NOT IN (SELECT change_id, at FROM lapsed_changes) AS known
    FROM changes h JOIN circumstances c ON c.grant_id = h.grant_id LEFT JOIN unsettled_changes u ON u.change_id = h.id
    WHERE h.expression IN ('rule', 'eligible', 'purpose') AND min(coalesce(h.until, '9999'), c.maybe_until) > h.deadline)
  GROUP BY grant_id) h ON h.grant_id = c.grant_id
WHERE c.revocation_sla IS NOT NULL AND c.basis IN ('rule', 'ticket', 'none')
