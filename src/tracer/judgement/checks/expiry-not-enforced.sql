-- id: expiry-not-enforced
-- class: execution
-- control_point: expiry
-- part: failed-to-stop
-- owner: system owner
-- question: Did the access outlive its end date?
-- evidence: the end date, and signs that the access was held after it
-- frameworks: nhi:NHI7;csf:PR.AA-01;800-53:IA-5;iso27001:5.17;soc2:CC6.1;csf:PR.AA-05
SELECT c.grant_id,
  CASE WHEN c.held_until <= max(c.expires_at, c.granted_at)
         OR (julianday(c.held_until) - julianday(c.expires_at)) * 86400 <= coalesce(c.revocation_sla, 0) + 0.0005
         THEN CASE WHEN (julianday(c.maybe_until) - julianday(c.expires_at)) * 86400 > coalesce(c.revocation_sla, 0) + 0.0005
              THEN 'no-evidence' ELSE 'pass' END
       WHEN c.quiet_from < c.expires_at OR c.grant_id IN (SELECT grant_id FROM renewals WHERE approved IS NULL) THEN 'no-evidence'
       WHEN p.unset = 1 THEN 'no-evidence'
       ELSE 'fail' END AS verdict,
  CASE WHEN c.held_until <= max(c.expires_at, c.granted_at) THEN 'nothing shows it held after its end at ' || c.expires_at
         || CASE WHEN c.maybe_until > c.held_until THEN ', and when it ended is not known' ELSE '' END
       WHEN c.quiet_from < c.expires_at THEN 'it was held after its end at ' || c.expires_at || '; whether that was extended before is not known, the log is missing from ' || c.quiet_from || ' to ' || c.quiet_to
       WHEN c.grant_id IN (SELECT grant_id FROM renewals WHERE approved IS NULL) THEN 'it was held after its end at ' || c.expires_at || '; whether the extension of it was approved is not known'
       WHEN p.unset = 1 THEN 'its end was ' || c.expires_at || '; it was held until ' || c.held_until || ', and without a policy it is not known how long that may take'
       ELSE 'its end was ' || c.expires_at || '; ' || CASE WHEN g.last_sign_at > c.expires_at THEN 'it was still seen at ' || g.last_sign_at || ', and ' ELSE '' END
         || CASE c.is_open WHEN 1 THEN 'it was not taken away by ' || c.held_until || ', the last record of ' || c.system ELSE 'it was held until ' || c.held_until END END AS because,
  CASE WHEN p.unset = 1 THEN 'how long a removal may take (register: policy, revocation_sla)' ELSE 'when ' || c.entitlement || ' was taken from ' || c.identity END AS need,
  'revocation' AS ask, c.expires_at AS period_from, c.maybe_until AS period_to,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.expires_at, '+' || coalesce(c.revocation_sla, 0) || ' seconds') AS failed_at, c.expires_at AS since, c.record_id, json_array(c.end_record_id, CASE WHEN g.last_sign_at > c.expires_at THEN (
    SELECT v.record_id FROM events v WHERE v.subject_id = g.account_id AND v.entitlement_id = g.entitlement_id AND v.at = g.last_sign_at ORDER BY v.id LIMIT 1) END) AS records
FROM circumstances c JOIN grants g ON g.id = c.grant_id
-- without any policy nobody says how long the removal of what was taken away may take
LEFT JOIN (SELECT 1 AS unset WHERE NOT EXISTS (SELECT 1 FROM policy WHERE name = 'revocation_sla')) p ON c.is_open = 0
WHERE c.expires_at IS NOT NULL AND c.basis <> 'exception'
