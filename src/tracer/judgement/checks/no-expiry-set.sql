-- id: no-expiry-set
-- class: decision
-- control_point: approval
-- part: approved
-- owner: approver
-- question: Was time-bound access (employment_type in policy.time_bound whatever its case; break-glass; an entitlement with max_duration) decided without an end or with one past the limit?
-- evidence: the end that was decided, the employment type then, the catalogue and policy.time_bound
-- frameworks: nhi:NHI7;csf:PR.AA-01;800-53:IA-5;iso27001:5.17;soc2:CC6.1;csf:PR.AA-05
SELECT c.grant_id,
  CASE WHEN b.reason IS NULL THEN CASE WHEN b.decided_end IS NULL THEN 'no-evidence' ELSE 'pass' END
       WHEN b.decided_end IS NULL THEN CASE WHEN b.mapped = 1 THEN 'fail' ELSE 'no-evidence' END
       WHEN b.decided_end > b.latest_end THEN 'fail' ELSE 'pass' END AS verdict,
  CASE WHEN b.reason IS NULL THEN CASE WHEN b.decided_end IS NULL THEN 'whether ' || c.identity || ' was to have an end is not known: no source held an employment_type'
         ELSE 'it was decided with an end at ' || b.decided_end END
       WHEN b.decided_end IS NULL AND b.mapped = 1 THEN coalesce(c.ticket, c.exception_id, 'rule ' || c.rule) || ' decided it without an end, and it had to have one: ' || b.reason
       WHEN b.decided_end IS NULL THEN 'no field of ' || c.ticket || ' is known to hold the end'
       WHEN b.decided_end > b.latest_end THEN coalesce(c.ticket, c.exception_id, 'rule ' || c.rule) || ' decided an end at ' || b.decided_end || ', later than ' || b.latest_end || ': ' || b.reason
       ELSE 'it had to have an end (' || b.reason || ') and was decided with one at ' || b.decided_end END AS because,
  CASE WHEN b.reason IS NULL THEN 'source data on the employment_type of ' || c.identity ELSE 'which field of the ticket holds the end (register: tickets)' END AS need,
  CASE WHEN b.reason IS NULL THEN 'source-data' ELSE 'request' END AS ask, NULL AS period_from, coalesce(c.decided_at, c.granted_at) AS period_to,
  coalesce(CASE c.basis WHEN 'ticket' THEN c.decided_at WHEN 'exception' THEN x.recorded_at END, c.granted_at) AS failed_at,
  coalesce(c.approver_id, x.approver_id) AS person, c.other_approvers AS shared,
  c.record_id, json_array(c.request_record_id, c.exception_record_id, c.role_record_id, b.record_id) AS records
FROM circumstances c JOIN time_bounds b ON b.grant_id = c.grant_id LEFT JOIN exceptions x ON x.id = c.exception_id
