-- id: no-owner-assigned
-- class: decision
-- control_point: approval
-- part: approved
-- owner: process owner
-- question: Was a non-human identity created or granted access without a named owner?
-- evidence: the identity in the register, with its owner
-- frameworks: csf:GV.RR-02;800-53:AC-2;iso27001:5.2;soc2:CC1.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN coalesce(trim(i.owner), '') <> '' THEN 'pass' WHEN i.record_id IS NULL THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN coalesce(trim(i.owner), '') <> '' THEN i.kind || ' ' || i.id || ' is owned by ' || i.owner
       WHEN i.record_id IS NULL THEN i.kind || ' ' || i.id || ' is not in the register'
       ELSE i.kind || ' ' || i.id || ' was granted ' || c.entitlement || ' at ' || c.granted_at || ' and the register names no owner of it' END AS because,
  'who owns ' || i.kind || ' ' || i.id || ' (register: identities)' AS need, 'governance' AS ask, NULL AS period_from, c.granted_at AS period_to,
  coalesce(c.decided_at, c.granted_at) AS failed_at, c.record_id, json_array(i.record_id) AS records
FROM identities i CROSS JOIN grants g ON g.identity_id = i.id CROSS JOIN circumstances c ON c.grant_id = g.id
WHERE i.kind IN ('service-account', 'workload', 'api-key', 'ai-agent', 'vendor') AND c.basis <> 'exception'
