-- id: no-decision
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Was it provisioned with no rule; approval or exception behind it (evidence for that period being at hand)? Not applicable where a request; an override record or a self-grant shows that somebody did decide: then provisioned-after-denial; exception-unrecorded or self-service-bypass answers.
-- evidence: a ticket export that covers request_window before the grant
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT grant_id,
  CASE WHEN basis IN ('rule', 'exception') OR decision = 'approved' THEN 'pass'
       WHEN covered = 1 AND (unlogged = 0 OR log_covered = 1) THEN 'fail'
       ELSE 'no-evidence' END AS verdict,
  CASE WHEN basis = 'rule' THEN 'rule ' || rule || ' decided it'
       WHEN basis = 'exception' THEN 'exception ' || exception || ' decided it'
       WHEN decision = 'approved' THEN 'ticket ' || ticket || ' decided it'
       WHEN unlogged = 1 AND coalesce(log_covered, 0) = 0 THEN 'it was first seen at ' || granted_at || '; when it was granted, and on what decision, is not known'
       WHEN covered = 1 AND named_ticket IS NOT NULL
         THEN 'the log names ' || named_ticket || ', but no such request, no rule and no exception is in the evidence that covers ' || granted_at
       WHEN covered = 1 THEN 'no rule, request or exception stands behind it, and ticket evidence covers the time before ' || granted_at
       ELSE 'no rule or exception stands behind it, and ticket evidence for the time before ' || granted_at || ' is not at hand' END AS because,
  CASE WHEN covered = 1 THEN 'the log of who was granted ' || entitlement || ' in ' || system ELSE ticket_need END AS need,
  CASE WHEN covered = 1 THEN 'logging' ELSE 'request' END AS ask,
  CASE WHEN covered = 0 THEN missing_from END AS period_from, coalesce(missing_to, granted_at) AS period_to, granted_at AS failed_at,
  json_array(record_id) AS records
FROM circumstances
WHERE (basis IN ('rule', 'exception') OR decision = 'approved'
       OR (decision IS NULL AND override_event_id IS NULL AND exception IS NULL AND coalesce(approval, 'required') = 'required'))
