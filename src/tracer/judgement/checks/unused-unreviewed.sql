-- id: unused-unreviewed
-- class: decision
-- control_point: review
-- part: failed-to-stop
-- owner: reviewer (application owner)
-- question: Was the access not used for a whole review interval and kept all the same (reviewed or not)?
-- evidence: logs of use that cover a whole review interval
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1;nhi:NHI5
SELECT c.grant_id,
  CASE WHEN m.grant_id IS NOT NULL THEN 'fail' WHEN s.system IS NULL OR d.grant_id IS NOT NULL THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN m.grant_id IS NOT NULL THEN 'it was not used between ' || m.last_at || ' and ' || m.next_at || ', longer than the review interval of ' || l.value || ', and kept all the same'
       WHEN s.system IS NULL THEN 'no log in evidence tells uses of ' || c.system
       WHEN d.grant_id IS NOT NULL THEN 'no use is known between ' || d.last_at || ' and ' || d.next_at || ', but logs of use do not cover that time'
       ELSE 'it was never unused for longer than ' || l.value END AS because,
  'logs of use of ' || c.system AS need, 'logging' AS ask, coalesce(d.last_at, c.granted_at) AS period_from, coalesce(d.next_at, c.held_until) AS period_to,
  m.missed_at AS failed_at, c.record_id
FROM circumstances c JOIN limits l ON l.name = 'review_interval'
LEFT JOIN (SELECT e.system FROM (SELECT DISTINCT system FROM entitlements) e JOIN systems_with_uses u ON u.system = fold(e.system)) s ON s.system = c.system
LEFT JOIN (SELECT *, min(missed_at) FROM idle WHERE missed_at IS NOT NULL GROUP BY grant_id) m ON m.grant_id = c.grant_id
LEFT JOIN (SELECT *, min(due_at) FROM idle WHERE missed_at IS NULL GROUP BY grant_id) d ON d.grant_id = c.grant_id
WHERE (julianday(c.held_until) - julianday(c.granted_at)) * 86400 >= l.seconds
