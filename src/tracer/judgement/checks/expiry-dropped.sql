-- id: expiry-dropped
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Was a decided end date not delivered or delivered later?
-- evidence: a log that carries end dates, and a request with an end
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1;nhi:NHI7
SELECT grant_id,
  CASE WHEN delivered_expires_at IS NOT NULL AND delivered_expires_at <= decided_expires_at THEN 'pass' ELSE 'fail' END AS verdict,
  ticket || ' ends at ' || decided_expires_at || '; delivered '
    || CASE WHEN delivered_expires_at IS NULL THEN 'without an end' ELSE 'until ' || delivered_expires_at END AS because,
  granted_at AS failed_at, record_id, json_array(request_record_id) AS records
FROM circumstances WHERE decided_expires_at IS NOT NULL AND carries_end = 1
