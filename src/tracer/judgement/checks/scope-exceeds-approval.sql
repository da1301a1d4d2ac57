-- id: scope-exceeds-approval
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Is the delivered scope wider than the decided one? (Scopes are globs; wider: it matches something that the decided one does not; none means *; narrower is no finding.)
-- evidence: a log that carries scopes, and the request
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1;nhi:NHI5
SELECT grant_id, CASE scope_wider WHEN 1 THEN 'fail' WHEN 0 THEN 'pass' ELSE 'no-evidence' END AS verdict,
  CASE WHEN scope_wider IS NULL THEN 'the delivered scope or the decided one of ' || ticket || ' is too long or too intricate to compare'
       ELSE 'delivered scope ' || coalesce(scope, '*') || CASE scope_wider WHEN 1 THEN ' is wider than the decided ' ELSE ' lies within the decided ' END
         || coalesce(decided_scope, '*') || ' of ' || ticket END AS because,
  'whether the delivered scope lies within what ' || ticket || ' asked for, as somebody reads it' AS need, 'request' AS ask,
  granted_at AS period_from, granted_at AS period_to,
  granted_at AS failed_at, record_id, json_array(request_record_id) AS records
FROM circumstances
WHERE decision IS NOT NULL AND carries_scope = 1 AND same_entitlement = 1 AND fields_mapped = 1
