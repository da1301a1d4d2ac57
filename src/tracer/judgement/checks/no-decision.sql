-- id: no-decision
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Was it provisioned with no rule; approval or exception behind it (evidence for that period being at hand)? Not applicable where a request; an override record or a self-grant shows that somebody did decide: then provisioned-after-denial; exception-unrecorded or self-service-bypass answers.
-- evidence: a ticket export that covers request_window before the grant
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN c.basis IN ('rule', 'exception') OR c.decision = 'approved' THEN 'pass'
       WHEN c.covered = 1 AND p.grant_id IS NULL AND m.grant_id IS NULL AND k.bare IS NULL AND (c.unlogged = 0 OR c.log_covered = 1 AND q.ticket IS NULL) THEN 'fail'
       ELSE 'no-evidence' END AS verdict,
  CASE WHEN c.basis = 'rule' THEN 'rule ' || c.rule || ' decided it'
       WHEN c.basis = 'exception' THEN 'exception ' || c.exception || ' decided it'
       WHEN c.decision = 'approved' THEN 'ticket ' || c.ticket || ' decided it'
       WHEN c.unlogged = 1 AND coalesce(c.log_covered, 0) = 0 THEN 'it was first seen at ' || c.granted_at || '; when it was granted, and on what decision, is not known'
       WHEN q.ticket IS NOT NULL THEN 'it was first seen at ' || c.granted_at || '; whether ' || q.ticket || ', approved at ' || q.decided_at || ', led to it is not known'
       WHEN m.grant_id IS NOT NULL THEN 'rule ' || m.rule || ' gave ' || c.entitlement || ' in ' || c.system || ' then and may have decided it; the log names no rules'
       WHEN p.grant_id IS NOT NULL THEN p.ticket || ' asked for it for ' || p.person || '; whether that is ' || c.identity || ' by another name is not in source data'
       WHEN k.bare IS NOT NULL AND c.covered = 1 THEN 'nobody asked for it; whether anybody had to is not known without the role catalogue'
       WHEN c.covered = 1 THEN 'no rule, request or exception stands behind it, and ticket evidence covers the time before ' || c.granted_at
       WHEN c.named_ticket IS NOT NULL THEN 'the log names ' || c.named_ticket || ', which no ticket export in evidence holds'
       ELSE 'no rule or exception stands behind it, and ticket evidence for the time before ' || c.granted_at || ' is not at hand' END AS because,
  CASE WHEN c.covered = 0 THEN c.ticket_need
       WHEN m.grant_id IS NOT NULL THEN m.need WHEN p.grant_id IS NOT NULL THEN 'source data of ' || p.person || ' and ' || c.identity
       WHEN k.bare IS NOT NULL THEN 'the role catalogue (register: roles)'
       ELSE 'the log of who was granted ' || c.entitlement || ' in ' || c.system END AS need,
  CASE WHEN c.covered = 0 THEN 'request' WHEN m.grant_id IS NOT NULL THEN 'provisioning' WHEN p.grant_id IS NOT NULL THEN 'source-data' WHEN k.bare IS NOT NULL THEN 'request' ELSE 'logging' END AS ask,
  CASE WHEN c.covered = 0 THEN c.missing_from WHEN m.grant_id IS NOT NULL THEN c.granted_at END AS period_from, coalesce(c.missing_to, c.granted_at) AS period_to, c.granted_at AS failed_at,
  c.record_id, json_array(p.record_id, m.record_id) AS records
FROM circumstances c LEFT JOIN perhaps_one p ON p.grant_id = c.grant_id LEFT JOIN perhaps_ruled m ON m.grant_id = c.grant_id
-- credentials are mostly made without a request, and what people give themselves may be theirs to give: where there is no catalogue at all, nothing says that these had to be approved
LEFT JOIN (SELECT 1 AS bare WHERE NOT EXISTS (SELECT 1 FROM roles)) k ON c.entitlement LIKE 'credential:%' OR c.self_grant = 1
-- when access that only signs show was delivered is not known: a request for it may be older than request_window
LEFT JOIN requests q ON q.id = (SELECT o.id FROM requests o WHERE c.unlogged = 1 AND c.decision IS NULL AND o.beneficiary_id = c.identity
  AND fold(o.system) = fold(c.system) AND fold(o.entitlement) = fold(c.entitlement) AND o.decision = 'approved' AND o.decided_at <= c.granted_at
  AND o.id NOT IN (SELECT request_id FROM grants WHERE request_id IS NOT NULL)
  ORDER BY o.decided_at DESC, o.id LIMIT 1)
WHERE (c.basis IN ('rule', 'exception') OR c.decision = 'approved'
       OR (c.decision IS NULL AND c.override_event_id IS NULL AND c.exception IS NULL AND coalesce(c.approval, 'required') = 'required'))
