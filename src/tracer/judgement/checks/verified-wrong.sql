-- id: verified-wrong
-- class: execution
-- control_point: verification
-- part: failed-to-stop
-- owner: system owner
-- question: Did a verification pass a delivered access that differs from the decided one in entitlement; subject; scope or end?
-- evidence: verification records of the system, and what the request, rule or exception decided
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
-- after: wrong-since
SELECT c.grant_id, CASE WHEN k.mode IS NULL THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN k.mode IS NULL THEN 'the delivery that was verified at ' || c.verified_at || ' is what was decided'
       ELSE 'verified at ' || c.verified_at || ' all the same: ' || k.because END AS because,
  c.verified_at AS failed_at, c.record_id, json_array((
    SELECT min(v.record_id) FROM grants g JOIN verified v ON v.account_id = g.account_id AND v.entitlement_id = g.entitlement_id
    WHERE g.id = c.grant_id AND v.at = c.verified_at), c.request_record_id) AS records
FROM circumstances c
LEFT JOIN (SELECT grant_id, because, min(mode) AS mode FROM failing
           WHERE mode IN ('wrong-entitlement', 'wrong-subject', 'scope-exceeds-approval', 'expiry-dropped') GROUP BY grant_id) k ON k.grant_id = c.grant_id
WHERE c.verified_at <= c.held_until AND (c.decision IS NOT NULL OR c.basis = 'rule') AND c.unlogged = 0
