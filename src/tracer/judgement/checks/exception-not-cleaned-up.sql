-- id: exception-not-cleaned-up
-- class: execution
-- control_point: exception
-- part: failed-to-stop
-- owner: the exception's cleanup owner
-- question: Did the access outlive its exception?
-- evidence: the exception with its end, and signs that the access was held after it
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3
SELECT c.grant_id,
  CASE WHEN c.held_until <= x.until OR (julianday(c.held_until) - julianday(x.until)) * 86400 <= coalesce(c.revocation_sla, 0) + 0.0005
         THEN CASE WHEN x.ended_at > x.due_at THEN 'no-evidence' ELSE 'pass' END
       WHEN p.unset = 1 THEN 'no-evidence'
       ELSE 'fail' END AS verdict,
  CASE WHEN c.held_until <= x.until THEN 'nothing shows it held after exception ' || c.exception_id || ' ended at ' || x.until
       WHEN p.unset = 1 THEN 'exception ' || c.exception_id || ' ended at ' || x.until || '; it was held until ' || c.held_until || ', and without a policy it is not known how long that may take'
       ELSE 'exception ' || c.exception_id || ' ended at ' || x.until || '; '
         || CASE c.is_open WHEN 1 THEN 'it was not taken away by ' || c.held_until || ', the last record of ' || c.system ELSE 'it was held until ' || c.held_until END END AS because,
  CASE WHEN p.unset = 1 THEN 'how long a removal may take (register: policy, revocation_sla)' ELSE 'when ' || c.entitlement || ' was taken from ' || c.identity END AS need,
  'revocation' AS ask, x.until AS period_from, x.ended_at AS period_to,
  x.due_at AS failed_at, x.until AS since, x.cleanup_id AS person, c.record_id, json_array(c.exception_record_id, c.end_record_id) AS records
FROM circumstances c
JOIN (
  SELECT *, strftime('%Y-%m-%dT%H:%M:%fZ', until, '+' || coalesce(revocation_sla, 0) || ' seconds') AS due_at FROM (
    SELECT g.id AS grant_id, c.revocation_sla, coalesce(g.ended_at, g.judged_at) AS ended_at, e.cleanup_id,
      -- an exception recorded before this one ended carries the access on
      max(e.expires_at, coalesce(max(n.expires_at), '')) AS until
    FROM circumstances c CROSS JOIN grants g ON g.id = c.grant_id CROSS JOIN exceptions e ON e.id = c.exception_id
    LEFT JOIN exceptions n ON n.identity_id = e.identity_id AND n.id <> e.id AND n.recorded_at < e.expires_at AND n.expires_at > e.expires_at
      AND fold(coalesce(n.system, '*')) IN ('*', fold(c.system)) AND fold(coalesce(n.entitlement, '*')) IN (fold(coalesce(e.entitlement, '*')), fold(c.entitlement), '*')
    WHERE c.basis = 'exception' AND e.expires_at IS NOT NULL GROUP BY c.rowid)) x ON x.grant_id = c.grant_id
-- without any policy nobody says how long the removal of what was taken away may take
LEFT JOIN (SELECT 1 AS unset WHERE NOT EXISTS (SELECT 1 FROM policy WHERE name = 'revocation_sla')) p ON c.is_open = 0
