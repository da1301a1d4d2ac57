-- mode: provisioned-after-denial
-- evidence: the request with its decision
SELECT grant_id,
  CASE WHEN decision IN ('denied', 'cancelled') AND decided_at <= granted_at THEN 'fail'
       WHEN decision = 'approved' AND unlogged = 0 AND lapses_at IS NOT NULL AND granted_at > lapses_at THEN 'fail'
       ELSE 'pass' END AS verdict,
  CASE WHEN decision IN ('denied', 'cancelled') AND decided_at <= granted_at
         THEN ticket || ' was ' || decision || ' at ' || decided_at || ' and the access was delivered all the same at ' || granted_at
       WHEN decision = 'approved' AND unlogged = 0 AND lapses_at IS NOT NULL AND granted_at > lapses_at
         THEN ticket || ', approved at ' || decided_at || ', lapsed at ' || lapses_at || ' and was delivered at ' || granted_at
       ELSE ticket || ' was not denied, cancelled or lapsed when it was delivered' END AS because,
  granted_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances WHERE decision IS NOT NULL
