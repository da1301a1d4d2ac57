-- id: delegation-invalid
-- class: decision
-- control_point: approval
-- part: approved
-- owner: the delegating approver
-- question: Did the approver act on a delegation that had ended; had not begun; or whose delegator had no authority?
-- evidence: who approved, and the register's authorities
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN max(a.own = 0 AND a.authority IN ('own', 'delegated')) = 1 OR max(a.authority = 'delegation-invalid') = 0 THEN 'pass'
       WHEN max(n.request_id) IS NOT NULL THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN max(a.authority = 'delegation-invalid') = 1
       THEN max(CASE WHEN a.authority = 'delegation-invalid' THEN a.approver_id END) || ' approved ' || c.ticket || ' at ' || c.decided_at
         || ' on a delegation by ' || max(CASE WHEN a.authority = 'delegation-invalid' THEN a.delegator_id END)
         || coalesce(', ' || max(CASE WHEN a.authority = 'delegation-invalid' THEN a.ground END), ' that was not valid then')
         || CASE WHEN max(n.request_id) IS NOT NULL THEN '; whether somebody else did, too, is not known: a record could not be read' ELSE '' END
       ELSE 'no approval rests on an invalid delegation' END AS because,
  'the approver records of ' || c.ticket AS need, 'approval' AS ask, c.requested_at AS period_from, c.decided_at AS period_to, c.decided_at AS failed_at,
  min(CASE WHEN a.authority = 'delegation-invalid' THEN a.delegator_id END) AS person,
  c.record_id, json_array(c.request_record_id, max(a.record_id)) AS records
FROM circumstances c JOIN approvals a ON a.grant_id = c.grant_id LEFT JOIN unread_approvals n ON n.request_id = c.request_id
WHERE c.basis = 'ticket' AND c.decision = 'approved' AND a.authority IN ('own', 'delegated', 'delegation-invalid', 'none')
GROUP BY c.rowid
