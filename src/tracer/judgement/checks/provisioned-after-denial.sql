-- id: provisioned-after-denial
-- class: execution
-- control_point: provisioning
-- part: created
-- owner: executor's owner (system owner)
-- question: Was it provisioned although the request was denied; cancelled or lapsed (not delivered within request_window of its approval)?
-- evidence: the request with its decision
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-6;800-53:CM-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3;soc2:CC8.1
SELECT c.grant_id,
  CASE WHEN c.decision IN ('denied', 'cancelled') AND c.decided_at <= c.granted_at THEN CASE WHEN p.grant_id IS NULL AND m.grant_id IS NULL AND (c.covered = 1 OR g.ticket_basis = 'explicit') THEN 'fail' ELSE 'no-evidence' END
       WHEN c.decision = 'approved' AND c.unlogged = 0 AND c.lapses_at IS NOT NULL AND c.granted_at > c.lapses_at THEN 'fail'
       ELSE 'pass' END AS verdict,
  CASE WHEN c.decision IN ('denied', 'cancelled') AND c.decided_at <= c.granted_at
         THEN c.ticket || ' was ' || c.decision || ' at ' || c.decided_at || coalesce('; ' || p.ticket || ' asked for it for ' || p.person || ', and whether that is '
           || c.identity || ' by another name is not in source data',
           '; rule ' || m.rule || ' gave it then and may have decided it, the log names no rules',
           CASE WHEN c.covered = 1 OR g.ticket_basis = 'explicit' THEN ' and the access was delivered all the same at ' || c.granted_at
                ELSE '; whether it was asked for again before ' || c.granted_at || ' is not known' END)
       WHEN c.decision = 'approved' AND c.unlogged = 0 AND c.lapses_at IS NOT NULL AND c.granted_at > c.lapses_at
         THEN c.ticket || ', approved at ' || c.decided_at || ', lapsed at ' || c.lapses_at || ' and was delivered at ' || c.granted_at
       ELSE c.ticket || ' was not denied, cancelled or lapsed when it was delivered' END AS because,
  coalesce('source data of ' || p.person || ' and ' || c.identity, m.need, c.ticket_need) AS need,
  CASE WHEN p.grant_id IS NOT NULL THEN 'source-data' WHEN m.grant_id IS NOT NULL THEN 'provisioning' ELSE 'request' END AS ask,
  c.missing_from AS period_from, coalesce(c.missing_to, c.granted_at) AS period_to,
  c.granted_at AS failed_at, c.record_id, json_array(c.request_record_id) AS records
FROM circumstances c JOIN grants g ON g.id = c.grant_id LEFT JOIN perhaps_one p ON p.grant_id = c.grant_id
LEFT JOIN perhaps_ruled m ON m.grant_id = c.grant_id WHERE c.decision IS NOT NULL
