-- id: orphaned-owner
-- class: decision
-- control_point: review
-- part: failed-to-stop
-- owner: process owner
-- question: Did the named owner of a non-human identity leave with no successor named?
-- evidence: the owner in the register, and their status in source data
-- frameworks: csf:GV.RR-02;800-53:AC-2;iso27001:5.2;soc2:CC1.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN b.identity_id IS NOT NULL THEN 'fail' WHEN f.identity_id IS NULL THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN b.identity_id IS NOT NULL THEN i.owner || ', the named owner of ' || i.kind || ' ' || i.id || ', left: ' || b.system || ' has had them as ' || b.value || ' since ' || b.since
         || '; the register names no successor'
       WHEN f.identity_id IS NULL THEN 'whether ' || i.owner || ', the named owner of ' || i.id || ', is still there is not in source data'
       ELSE i.owner || ', the named owner of ' || i.id || ', had not left' END AS because,
  'source data on the status of ' || i.owner AS need, 'source-data' AS ask, c.granted_at AS period_from, c.held_until AS period_to,
  max(b.since, c.granted_at) AS failed_at, c.record_id, json_array(i.record_id, b.record_id) AS records
FROM identities i CROSS JOIN grants g ON g.identity_id = i.id CROSS JOIN circumstances c ON c.grant_id = g.id
LEFT JOIN absences b ON b.identity_id = i.owner_id AND b.since < c.held_until AND (b.until IS NULL OR c.held_until < b.until)
LEFT JOIN (SELECT DISTINCT identity_id FROM facts WHERE attribute = 'status') f ON f.identity_id = i.owner_id
WHERE i.owner_id IS NOT NULL AND i.kind IN ('service-account', 'workload', 'api-key', 'ai-agent', 'vendor')
