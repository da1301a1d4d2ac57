-- mode: expiry-dropped
-- evidence: a log that carries end dates, and a request with an end
SELECT grant_id,
  CASE WHEN delivered_expires_at IS NOT NULL AND delivered_expires_at <= decided_expires_at THEN 'pass' ELSE 'fail' END AS verdict,
  ticket || ' ends at ' || decided_expires_at || '; delivered '
    || CASE WHEN delivered_expires_at IS NULL THEN 'without an end' ELSE 'until ' || delivered_expires_at END AS because,
  granted_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances WHERE decided_expires_at IS NOT NULL AND carries_end = 1
