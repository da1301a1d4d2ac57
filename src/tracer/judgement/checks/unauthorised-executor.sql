-- id: unauthorised-executor
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: system owner
-- question: Did a principal provision it that is not a permitted provisioner of that system?
-- evidence: who started the delivery, and the permitted provisioners of the catalogue
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT grant_id,
  CASE WHEN permitted IS NULL THEN 'no-evidence' WHEN permitted = 1 THEN 'pass' WHEN doubt = 1 THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN start_id IS NULL THEN 'who started the delivery is not known: issuing record not in evidence'
       ELSE 'delivery was started by ' || start_id || CASE WHEN permitted = 1 THEN ', a permitted provisioner'
         WHEN permitted IS NULL THEN '; whether that is one of the permitted provisioners ' || (SELECT group_concat(value, ', ') FROM json_each(provisioners)) || ' is not known'
         WHEN doubt = 1 THEN ', to themselves or for an app; whether a request that could not be read asked for that is not known'
         ELSE ', who is not among the permitted provisioners ' || (SELECT group_concat(value, ', ') FROM json_each(provisioners)) END
       END AS because,
  CASE WHEN doubt = 1 AND permitted = 0 THEN ticket_need WHEN start_id IS NULL THEN 'the issuing record of the session that delivered it (log of ' || system || ')' ELSE 'the accounts of ' || (SELECT group_concat(value, ', ') FROM json_each(provisioners)) || ' (register: identities)' END AS need,
  CASE WHEN doubt = 1 AND permitted = 0 THEN 'request' WHEN start_id IS NULL THEN 'logging' ELSE 'provisioning' END AS ask, NULL AS period_from, granted_at AS period_to,
  granted_at AS failed_at, record_id, json_array(role_record_id) AS records
-- where a ticket could not be read, self-service-bypass may be what answers in its stead
FROM (SELECT *, self_grant = 1 AND approval = 'required' AND basis = 'none' AND decision IS NULL AND covered = 0
        AND EXISTS (SELECT 1 FROM unread WHERE kind = 'ticket') AS doubt FROM circumstances)
WHERE unlogged = 0 AND provisioners IS NOT NULL AND provisioners <> '[]' AND NOT (basis = 'exception' AND start_id = identity)
