-- id: scope-exceeds-approval
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Is the delivered scope wider than the decided one? (Scopes are globs; wider: it matches something that the decided one does not; none means *; narrower is no finding.)
-- evidence: a log that carries scopes, and the request
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1;nhi:NHI5
SELECT grant_id, CASE WHEN scope_wider = 1 THEN 'fail' ELSE 'pass' END AS verdict,
  'delivered scope ' || coalesce(scope, '*') || CASE WHEN scope_wider = 1 THEN ' is wider than the decided ' ELSE ' lies within the decided ' END
    || coalesce(decided_scope, '*') || ' of ' || ticket AS because,
  granted_at AS failed_at, record_id, json_array(request_record_id) AS records
FROM circumstances
WHERE decision IS NOT NULL AND carries_scope = 1 AND same_entitlement = 1 AND fields_mapped = 1
