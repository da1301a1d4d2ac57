-- mode: expiry-not-enforced
-- evidence: the end date, and signs that the access was held after it
SELECT c.grant_id,
  CASE WHEN g.ended_by = 'expiry' OR c.held_until <= c.expires_at
         OR (julianday(c.held_until) - julianday(c.expires_at)) * 86400 <= coalesce(c.revocation_sla, 0) + 0.0005 THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN g.ended_by = 'expiry' OR c.held_until <= c.expires_at THEN 'nothing shows it held after its end at ' || c.expires_at
       ELSE 'its end was ' || c.expires_at || '; it was held until ' || c.held_until END AS because,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.expires_at, '+' || coalesce(c.revocation_sla, 0) || ' seconds') AS failed_at, c.expires_at AS since, json_array(c.record_id, c.end_record_id) AS records
FROM circumstances c JOIN grants g ON g.id = c.grant_id
WHERE c.expires_at IS NOT NULL AND c.basis <> 'exception'
