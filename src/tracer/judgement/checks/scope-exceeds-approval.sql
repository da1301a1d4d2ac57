-- mode: scope-exceeds-approval
-- evidence: a log that carries scopes, and the request
SELECT grant_id, CASE WHEN scope_wider = 1 THEN 'fail' ELSE 'pass' END AS verdict,
  'delivered scope ' || coalesce(scope, '*') || CASE WHEN scope_wider = 1 THEN ' is wider than the decided ' ELSE ' lies within the decided ' END
    || coalesce(decided_scope, '*') || ' of ' || ticket AS because,
  granted_at AS failed_at, json_array(record_id, request_record_id) AS records
FROM circumstances
WHERE decision IS NOT NULL AND carries_scope = 1 AND same_entitlement = 1 AND fields_mapped = 1
