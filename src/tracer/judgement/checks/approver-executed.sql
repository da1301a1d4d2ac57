-- id: approver-executed
-- class: execution
-- control_point: provisioning
-- part: failed-to-stop
-- owner: process owner
-- question: Did the person who approved it also deliver it; so that approval and delivery were not separated? (Not applicable unless policy.separate_delivery is required.)
-- evidence: who approved, and who started the delivery or had it done
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN max(a.approver_id IN (c.start_id, e.identity_id, b.identity_id, s.on_behalf_of)) = 1 THEN 'fail'
       WHEN count(a.id) = 0 OR max(a.approver_id) IS NULL OR c.start_id IS NULL THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN max(a.approver_id IN (c.start_id, e.identity_id, b.identity_id, s.on_behalf_of)) = 1
         THEN max(CASE WHEN a.approver_id IN (c.start_id, e.identity_id, b.identity_id, s.on_behalf_of) THEN a.approver_id END)
           || ' approved ' || c.ticket || ' and delivered it too'
       WHEN count(a.id) = 0 OR max(a.approver_id) IS NULL THEN 'who approved ' || c.ticket || ' is not in evidence'
       WHEN c.start_id IS NULL THEN 'who started the delivery is not known: issuing record not in evidence'
       ELSE max(a.approver_id) || ' approved ' || c.ticket || ', ' || c.start_id || ' delivered it' END AS because,
  CASE WHEN c.start_id IS NULL THEN 'the issuing record of the session that delivered it (log of ' || c.system || ')' ELSE 'the approver records of ' || c.ticket END AS need,
  CASE WHEN c.start_id IS NULL THEN 'logging' ELSE 'approval' END AS ask,
  c.requested_at AS period_from, c.granted_at AS period_to, c.granted_at AS failed_at,
  c.record_id, json_array(c.request_record_id, max(a.record_id)) AS records
FROM circumstances c JOIN grants g ON g.id = c.grant_id
LEFT JOIN approvals a ON a.grant_id = c.grant_id
LEFT JOIN accounts e ON e.id = g.executor_id AND g.started_by IS NULL
LEFT JOIN accounts b ON b.id = account_id(c.system, g.on_behalf_of)
LEFT JOIN identities s ON s.id = c.start_id
WHERE c.basis = 'ticket' AND c.decision = 'approved' AND c.unlogged = 0
  AND EXISTS (SELECT 1 FROM policy WHERE name = 'separate_delivery' AND fold(value) = 'required')
GROUP BY c.grant_id
