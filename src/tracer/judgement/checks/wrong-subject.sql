-- mode: wrong-subject
-- evidence: for whom the request or exception is
SELECT grant_id,
  CASE WHEN beneficiary_id IS NULL THEN 'no-evidence' WHEN beneficiary_id = identity THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN beneficiary_id IS NULL THEN ticket || ' does not say for whom'
       WHEN beneficiary_id = identity THEN ticket || ' is for ' || identity
       ELSE ticket || ' is for ' || beneficiary_id || ', but ' || identity || ' got it' END AS because,
  'which field of the ticket holds the beneficiary (register: tickets)' AS need, 'request' AS ask,
  granted_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances WHERE decision IS NOT NULL AND free_text = 0
