-- id: free-text-request
-- evidence: the fields of the request
SELECT grant_id, CASE WHEN free_text = 1 THEN 'fail' ELSE 'pass' END AS verdict,
  CASE WHEN free_text = 1 THEN ticket || ' was approved at ' || decided_at || ' with no entitlement in its field; ' || entitlement || ' was taken from its free text'
       ELSE ticket || ' asks for ' || decided_entitlement || ' in its field' END AS because,
  decided_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances WHERE basis = 'ticket' AND decision = 'approved' AND (free_text = 1 OR decided_entitlement IS NOT NULL)
