-- id: stale-authority
-- class: decision
-- control_point: approval
-- part: failed-to-stop
-- owner: process owner
-- question: Had the approver left (status no longer active in the authoritative source) while the authority still stood?
-- evidence: who approved, with what authority, and their status in source data
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN max(b.identity_id IS NOT NULL) = 1 THEN 'fail' WHEN min(b.identity_id IS NOT NULL OR f.identity_id IS NOT NULL) = 0 THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN max(b.identity_id IS NOT NULL) = 1
       THEN max(CASE WHEN b.identity_id IS NOT NULL THEN a.approver_id || ' approved ' || c.ticket || ' at ' || a.at || ' with authority that still stood; '
              || b.system || ' has had them as ' || b.value || ' since ' || b.since END)
       WHEN min(b.identity_id IS NOT NULL OR f.identity_id IS NOT NULL) = 0 THEN 'the status of ' || max(CASE WHEN f.identity_id IS NULL THEN a.approver_id END) || ' is not in source data'
       ELSE max(a.approver_id) || ' had not left when approving ' || c.ticket END AS because,
  'source data on the status of ' || max(CASE WHEN f.identity_id IS NULL THEN a.approver_id END) AS need, 'source-data' AS ask,
  NULL AS period_from, c.decided_at AS period_to,
  min(CASE WHEN b.identity_id IS NOT NULL THEN a.at END) AS failed_at,
  c.record_id, json_array(c.request_record_id, max(CASE WHEN b.identity_id IS NOT NULL THEN b.record_id END)) AS records
FROM circumstances c
JOIN approvals a ON a.grant_id = c.grant_id AND a.authority IN ('own', 'delegated') AND a.approver_id IS NOT NULL
LEFT JOIN absences b ON b.identity_id = a.approver_id AND b.since <= a.at AND (b.until IS NULL OR a.at < b.until)
LEFT JOIN (SELECT DISTINCT identity_id FROM facts WHERE attribute = 'status') f ON f.identity_id = a.approver_id
WHERE c.basis = 'ticket' AND c.decision = 'approved' GROUP BY c.rowid
