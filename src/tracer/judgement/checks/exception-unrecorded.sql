-- mode: exception-unrecorded
-- evidence: the register's exceptions
SELECT grant_id, CASE WHEN exception_id IS NOT NULL THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN exception_id IS NOT NULL THEN 'exception ' || exception_id || ' is recorded'
       WHEN exception IS NOT NULL THEN 'the log names exception ' || exception || ', which nobody recorded'
       ELSE 'policy was overridden by ' || coalesce(override_by, 'an unknown account') || ' and no exception was recorded' END AS because,
  granted_at AS failed_at, json_array(record_id, exception_record_id) AS records
FROM circumstances WHERE exception IS NOT NULL OR override_event_id IS NOT NULL
