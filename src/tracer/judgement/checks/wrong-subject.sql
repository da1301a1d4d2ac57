-- id: wrong-subject
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Did someone other than the decided beneficiary get it?
-- evidence: for whom the request or exception is
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT grant_id,
  CASE WHEN beneficiary_id IS NULL THEN 'no-evidence' WHEN beneficiary_id = identity THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN beneficiary_id IS NULL THEN ticket || ' does not say for whom'
       WHEN beneficiary_id = identity THEN ticket || ' is for ' || identity
       ELSE ticket || ' is for ' || beneficiary_id || ', but ' || identity || ' got it' END AS because,
  'which field of the ticket holds the beneficiary (register: tickets)' AS need, 'request' AS ask,
  granted_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances WHERE decision IS NOT NULL AND free_text = 0
