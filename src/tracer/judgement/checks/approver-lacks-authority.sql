-- id: approver-lacks-authority
-- class: decision
-- control_point: approval
-- part: approved
-- owner: approver and process owner
-- question: Was the approver without authority for this entitlement at that time? Not applicable where the approver had authorities for it and all carry delegated_by: delegation-invalid answers.
-- evidence: who approved, and the register's authorities for the entitlement
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN count(a.id) = 0 OR max(a.approver_id) IS NULL OR min(a.authority = 'unlisted') = 1 THEN 'no-evidence'
       WHEN max(a.own = 0 AND a.authority IN ('own', 'delegated')) = 1 THEN 'pass' WHEN max(a.authority = 'unnamed') = 1 THEN 'no-evidence'
       WHEN max(a.authority = 'none') = 0 THEN 'pass' WHEN max(n.request_id) IS NOT NULL THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN count(a.id) = 0 OR max(a.approver_id) IS NULL THEN 'who approved ' || c.ticket || ' is not in evidence'
       WHEN min(a.authority = 'unlisted') = 1 THEN 'the register names nobody who might approve ' || c.entitlement || ' in ' || c.system || ' then'
       WHEN max(a.own = 0 AND a.authority IN ('own', 'delegated')) = 0 AND max(a.authority = 'unnamed') = 1
         THEN max(CASE WHEN a.authority = 'unnamed' THEN a.approver_id END) || ' approved ' || c.ticket || ' at ' || max(a.at) || '; the register, which lacks approvers, names no authority for it'
       WHEN max(a.authority = 'none') = 1 THEN max(CASE WHEN a.authority = 'none' THEN a.approver_id END) || ' approved ' || c.ticket
         || ' at ' || max(CASE WHEN a.authority = 'none' THEN a.at END) || ' without authority for ' || c.entitlement || ' at that time'
         || coalesce('; ' || max(CASE WHEN a.authority = 'none' THEN a.ground END), '')
         || CASE WHEN max(n.request_id) IS NOT NULL THEN '; whether somebody else did, too, is not known: a record could not be read' ELSE '' END
       ELSE max(a.approver_id) || ' had authority for ' || c.entitlement || ' at ' || max(a.at) END AS because,
  CASE WHEN max(a.authority = 'unnamed') = 1 THEN 'all who might approve ' || c.entitlement || ' in ' || c.system || ' at ' || max(a.at) || ': the list lacks ' || max(CASE WHEN a.authority = 'unnamed' THEN coalesce(a.delegator_id, a.approver_id) END) || ' (register: authorities)'
       WHEN min(a.authority = 'unlisted') = 1 THEN 'who may approve ' || c.entitlement || ' in ' || c.system || ' (register: authorities)'
       ELSE 'the approver records of ' || c.ticket END AS need,
  'approval' AS ask, c.requested_at AS period_from, c.decided_at AS period_to, c.decided_at AS failed_at,
  min(CASE WHEN a.authority = 'none' THEN a.approver_id END) AS person,
  c.record_id, json_array(c.request_record_id, max(a.record_id)) AS records
FROM circumstances c LEFT JOIN approvals a ON a.grant_id = c.grant_id LEFT JOIN unread_approvals n ON n.request_id = c.request_id
WHERE c.basis = 'ticket' AND c.decision = 'approved' GROUP BY c.rowid
