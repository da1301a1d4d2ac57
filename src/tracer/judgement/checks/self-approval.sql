-- id: self-approval
-- class: decision
-- control_point: approval
-- part: approved
-- owner: approver and process owner
-- question: Is the approver the requester or the beneficiary (through aliases; on_behalf_of and assumed roles too)?
-- evidence: who approved the request
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN count(a.id) = 0 OR max(a.approver_id) IS NULL THEN 'no-evidence'
       WHEN max(a.own = 0 AND a.authority IN ('own', 'delegated', 'unlisted')) = 1 OR max(a.own) = 0 THEN 'pass'
       WHEN max(n.request_id) IS NOT NULL THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN count(a.id) = 0 OR max(a.approver_id) IS NULL THEN 'who approved ' || c.ticket || ' is not in evidence'
       WHEN max(a.own) = 1 THEN max(CASE WHEN a.own THEN a.approver_id END)
         || coalesce(max(CASE WHEN a.own AND a.own_through <> a.approver_id AND a.own_through IN (c.requester_id, c.beneficiary_id, c.identity)
           THEN ', who acts for ' || a.own_through || ',' END), '') || ' approved ' || c.ticket || ' at ' || max(CASE WHEN a.own THEN a.at END)
         || ', a request by ' || coalesce(c.requester_id, 'an unknown requester') || ' for ' || coalesce(c.beneficiary_id, c.identity)
         || coalesce(max(CASE WHEN a.own AND a.own_through NOT IN (coalesce(c.requester_id, ''), coalesce(c.beneficiary_id, ''), c.identity)
           THEN '; one of these acts for ' || a.own_through END), '')
         || CASE WHEN max(n.request_id) IS NOT NULL THEN '; whether somebody else did, too, is not known: a record could not be read' ELSE '' END
       ELSE max(a.approver_id) || ' is neither requester nor beneficiary of ' || c.ticket END AS because,
  'the approver records of ' || c.ticket AS need, 'approval' AS ask, c.requested_at AS period_from, c.decided_at AS period_to,
  c.decided_at AS failed_at, min(CASE WHEN a.own THEN a.approver_id END) AS person,
  c.record_id, json_array(c.request_record_id, max(CASE WHEN a.own THEN a.record_id END)) AS records
FROM circumstances c LEFT JOIN approvals a ON a.grant_id = c.grant_id LEFT JOIN unread_approvals n ON n.request_id = c.request_id
WHERE c.basis = 'ticket' AND c.decision = 'approved' GROUP BY c.rowid
