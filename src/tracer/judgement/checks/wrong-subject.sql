-- id: wrong-subject
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Did someone other than the decided beneficiary get it?
-- evidence: for whom the request or exception is, and source data of both people
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN c.beneficiary_id IS NULL THEN 'no-evidence' WHEN c.beneficiary_id = c.identity THEN 'pass' WHEN p.grant_id IS NOT NULL OR n.said IS NOT NULL THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN c.beneficiary_id IS NULL THEN c.ticket || ' does not say for whom'
       WHEN c.beneficiary_id = c.identity THEN c.ticket || ' is for ' || c.identity
       WHEN p.grant_id IS NOT NULL OR n.said IS NOT NULL THEN c.ticket || ' is for ' || c.beneficiary_id || '; whether that is ' || c.identity || ' by another name is not ' || CASE WHEN p.grant_id IS NOT NULL THEN 'in source data' ELSE 'known: ' || n.said END
       ELSE c.ticket || ' is for ' || c.beneficiary_id || ', but ' || c.identity || ' got it' END AS because,
  CASE WHEN c.beneficiary_id IS NULL THEN 'which field of the ticket holds the beneficiary (register: tickets)' WHEN p.grant_id IS NULL THEN 'the accounts of ' || c.beneficiary_id || ' and ' || c.identity || ' (register: identities)' ELSE 'source data of ' || c.beneficiary_id || ' and ' || c.identity END AS need,
  CASE WHEN c.beneficiary_id IS NULL THEN 'request' WHEN p.grant_id IS NULL THEN 'governance' ELSE 'source-data' END AS ask,
  c.granted_at AS failed_at, c.record_id, json_array(c.request_record_id) AS records
FROM circumstances c LEFT JOIN perhaps_one p ON p.grant_id = c.grant_id
LEFT JOIN unread_sections n ON n.section = 'identities' WHERE c.decision IS NOT NULL AND c.free_text = 0
