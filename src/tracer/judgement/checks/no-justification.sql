-- id: no-justification
-- class: decision
-- control_point: request
-- part: approved
-- owner: process owner
-- question: Was the request approved without the justification or required fields the catalogue asks for?
-- evidence: the justification field of the request, and the catalogue
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id,
  CASE WHEN trim(coalesce(q.justification, '')) <> '' THEN 'pass' WHEN q.known_fields LIKE '%"justification"%' THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN trim(coalesce(q.justification, '')) <> '' THEN c.ticket || ' gives a justification'
       WHEN q.known_fields LIKE '%"justification"%' THEN c.ticket || ' was approved at ' || c.decided_at || ' with an empty justification; the catalogue requires one for ' || c.entitlement
       ELSE 'no field of ' || c.ticket || ' is known to hold the justification' END AS because,
  'which field of the ticket holds the justification (register: tickets)' AS need, 'request' AS ask, c.requested_at AS period_from, c.decided_at AS period_to,
  c.decided_at AS failed_at, c.record_id, json_array(c.request_record_id, c.role_record_id) AS records
FROM circumstances c CROSS JOIN requests q ON q.id = c.request_id
WHERE c.role_id IN (SELECT id FROM roles WHERE fold(justification) = 'required') AND c.basis = 'ticket' AND c.decision = 'approved' AND c.free_text = 0
