-- id: provisioned-after-denial
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: executor's owner (system owner)
-- question: Was it provisioned although the request was denied; cancelled or lapsed (not delivered within request_window of its approval)?
-- evidence: the request with its decision
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
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
