-- id: wrong-entitlement
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Does the delivered entitlement differ from the decided one?
-- evidence: what the request, rule or exception is for
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1;nhi:NHI5
SELECT grant_id,
  CASE WHEN coalesce(same_entitlement, rule_covers) = 1 THEN 'pass'
       WHEN coalesce(same_entitlement, rule_covers) = 0 THEN 'fail'
       ELSE 'no-evidence' END AS verdict,
  CASE WHEN same_entitlement = 0 THEN ticket || ' decided ' || decided_entitlement || '; delivered was ' || entitlement
       WHEN same_entitlement = -1 THEN ticket || ' decided ' || decided_entitlement || ', and that was verified before ' || verify_due || ', though no grant of it is in evidence; whether the log means it by ' || entitlement || ' is not known'
       WHEN same_entitlement = 1 THEN 'delivered is what ' || ticket || ' decided: ' || entitlement
       WHEN rule_covers = 0 THEN 'rule ' || rule || ' version ' || rule_version || ' does not grant ' || entitlement || ' in ' || system
       WHEN rule_covers = -1 THEN 'rule ' || rule || ' names nothing that stands anywhere else; whether it grants ' || entitlement || ' is not known'
       WHEN rule_covers = -2 THEN 'something else of ' || system || ' was verified before ' || verify_due || ', though no grant of it is in evidence; whether the log means it by ' || entitlement || ' is not known'
       WHEN rule_covers = 1 THEN 'rule ' || rule || ' grants ' || entitlement
       ELSE 'no field of ' || ticket || ' says which entitlement was asked for' END AS because,
  CASE WHEN same_entitlement = -1 OR rule_covers = -2 THEN 'the log of who was granted what in ' || system WHEN rule_covers = -1 THEN 'what rule ' || rule || ' grants (register: rules)' ELSE 'which field of the ticket holds the entitlement (register: tickets)' END AS need,
  CASE WHEN same_entitlement = -1 OR rule_covers = -2 THEN 'logging' WHEN rule_covers = -1 THEN 'rule' ELSE 'request' END AS ask,
  granted_at AS failed_at, record_id, json_array(coalesce(request_record_id, rule_record_id)) AS records
FROM circumstances
WHERE rule_covers IS NOT NULL OR (decision IS NOT NULL AND free_text = 0)
