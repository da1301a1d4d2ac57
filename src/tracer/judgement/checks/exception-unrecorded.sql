-- id: exception-unrecorded
-- class: decision
-- control_point: exception
-- part: created
-- owner: who may override (exception owner)
-- question: Was policy overridden (break-glass; local exception; delegated administration) without a recorded exception or by someone not allowed to?
-- evidence: the register's exceptions, and who may approve them
-- frameworks: csf:PR.AA-05;800-53:AC-2;800-53:AC-3;iso27001:5.18;iso27001:8.2;soc2:CC6.3
SELECT c.grant_id,
  CASE WHEN c.exception_id IS NOT NULL THEN CASE c.exception_allowed WHEN 0 THEN 'fail' ELSE 'pass' END
       WHEN h.at_hand = 0 THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN c.exception_allowed = 0 THEN 'exception ' || c.exception_id || ', recorded at ' || coalesce(x.recorded_at, 'an unknown time') || ', was approved by ' || x.approved_by
         || ', who had no authority for ' || c.entitlement || ' then'
       WHEN c.exception_id IS NOT NULL THEN 'exception ' || c.exception_id || ' is recorded'
       WHEN h.at_hand = 0 THEN coalesce('the log names exception ' || c.exception, 'policy was overridden') || ', and the exceptions recorded at that time are not in evidence'
       WHEN c.exception IS NOT NULL THEN 'the log names exception ' || c.exception || ', which nobody recorded'
       ELSE 'policy was overridden by ' || coalesce(c.override_by, 'an unknown account') || ' at ' || v.at || ', before the grant at ' || c.granted_at || ', and no exception was recorded' END AS because,
  'the exceptions of ' || c.identity || ' (register: exceptions)' AS need, 'exception' AS ask, NULL AS period_from, c.granted_at AS period_to,
  c.granted_at AS failed_at, c.record_id, json_array(c.exception_record_id, v.record_id) AS records
FROM circumstances c LEFT JOIN exceptions x ON x.id = c.exception_id LEFT JOIN events v ON v.id = c.override_event_id
LEFT JOIN exceptions_at_hand h ON h.grant_id = c.grant_id
WHERE c.exception IS NOT NULL OR c.override_event_id IS NOT NULL
