-- title: Non-human identities: still needed, monitored, removable
-- question: For each service account, workload, API key, AI agent and vendor: is it still needed (owner, purpose, use), monitored (logs, reviews) and removable (end, rotation, revocation)? Each part is yes, no or unknown with its evidence; unknown is never no. A part that nothing asks for is left out.
WITH asof AS (SELECT max(last_at) AS at FROM coverage),
policies AS (SELECT max(CASE name WHEN 'review_interval' THEN value END) AS review FROM policy),
nhi AS (
  SELECT i.*, asof.at AS now, earlier(asof.at, policies.review) AS recent FROM identities i, asof, policies
  WHERE i.kind IN ('service-account', 'workload', 'api-key', 'ai-agent', 'vendor')
),
homes AS (SELECT DISTINCT n.id, n.now, n.recent, fold(a.system) AS system FROM nhi n CROSS JOIN accounts a ON a.identity_id = n.id),
held AS (
  SELECT n.id, g.id AS grant_id, fold(e.system) AS system, e.name, g.entitlement_id, g.account_id, g.expires_at, v.record_id
  FROM nhi n CROSS JOIN grants g ON g.identity_id = n.id CROSS JOIN entitlements e ON e.id = g.entitlement_id
  LEFT JOIN events v ON v.id = g.event_id WHERE g.ended_at IS NULL
),
-- What the checks of its open grants say; `because` and `records` of the first that fails.
checked AS (
  SELECT h.id, k.mode, k.verdict, min(k.id) AS check_id, k.because FROM held h CROSS JOIN checks k ON k.grant_id = h.grant_id
  GROUP BY h.id, k.mode, k.verdict
),
failed AS (
  SELECT id, CASE WHEN mode IN ('no-expiry-set', 'expiry-not-enforced', 'exception-not-cleaned-up') THEN 'end'
      WHEN mode IN ('rotation-overdue', 'compromise-not-rotated', 'shared-secret-known-to-leaver') THEN 'rotation'
      WHEN mode IN ('revocation-missed', 'revocation-incomplete') THEN 'revocation'
      WHEN mode = 'review-missed' THEN 'reviews' WHEN mode = 'unlogged-grant' THEN 'logs' END AS part,
    min(mode) AS mode, because, (SELECT json_group_array(record_id) FROM check_records WHERE check_records.check_id = checked.check_id) AS records
  FROM checked WHERE verdict = 'fail' GROUP BY 1, 2 HAVING part IS NOT NULL
),
called AS MATERIALIZED (
  SELECT fold(name) AS name, identity_id AS id FROM accounts
  UNION SELECT fold(id), id FROM identities UNION SELECT fold(email), id FROM identities WHERE email IS NOT NULL
),
owners AS (
  SELECT n.id, n.owner, min(p.id) AS person FROM nhi n CROSS JOIN called c ON c.name = fold(n.owner)
  CROSS JOIN identities p ON p.id = c.id AND p.kind = 'human' GROUP BY n.id
),
statuses AS (
  SELECT o.id, o.owner, f.value, f.system, f.valid_from, f.record_id, fold(trim(f.value)) IN ('', 'active', 'enabled', 'employed', 'current') AS there,
    row_number() OVER (PARTITION BY o.id, f.system ORDER BY f.valid_from DESC, f.recorded_at DESC, f.ordinal DESC, f.value) AS latest
  FROM owners o JOIN asof CROSS JOIN facts f ON f.identity_id = o.person AND f.attribute = 'status' AND f.valid_from <= asof.at
  WHERE NOT EXISTS (SELECT 1 FROM sources_of_truth t WHERE t.attribute = 'status' AND t.system = f.system AND t.role = 'copy')
),
owning AS (
  SELECT id, min(there) AS least, max(there) AS most, group_concat(system, ', ') AS systems, json_group_array(record_id) AS records,
    group_concat(system || ' has had them as ' || value || ' since ' || valid_from, ', ') AS told
  FROM statuses WHERE latest = 1 GROUP BY id
),
-- Of a counted use, which is no record of its own, the place stands for the record: file and ordinal.
own AS MATERIALIZED (SELECT a.id AS account, n.id FROM nhi n CROSS JOIN accounts a ON a.identity_id = n.id),
acting AS (
  SELECT o.id, u.last_at AS at, u.system, u.evidence_id || ':' || u.first_ordinal AS record_id FROM uses u CROSS JOIN own o ON o.account = u.account_id
  UNION ALL
  SELECT o.id, u.last_at, u.system, u.evidence_id || ':' || u.first_ordinal FROM uses u CROSS JOIN own o ON o.account = u.started_by
  UNION ALL
  SELECT o.id, v.at, v.system, v.record_id FROM events v CROSS JOIN own o ON o.account = v.actor_id WHERE v.outcome = 'success'
  UNION ALL
  SELECT o.id, v.at, v.system, v.record_id FROM events v CROSS JOIN own o ON o.account = v.started_by WHERE v.outcome = 'success'
  UNION ALL
  SELECT o.id, v.at, v.system, v.record_id FROM own o CROSS JOIN events v ON v.subject_id = o.account AND v.verb = 'use' WHERE v.outcome = 'success'
),
used AS (SELECT id, max(at) AS at, system, record_id FROM acting GROUP BY id),
spans_of_use AS (
  SELECT fold(system) AS system, first_at, last_at,
    max(last_at) OVER (PARTITION BY fold(system) ORDER BY first_at, last_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM spans WHERE uses = 1 AND first_at IS NOT NULL
),
-- Systems whose uses are logged without a day missing from the last use, or else for a whole review interval, to the end.
watched AS (
  SELECT h.id, h.system FROM homes h LEFT JOIN used u ON u.id = h.id
  JOIN spans_of_use s ON s.system = h.system
  GROUP BY h.id, h.system
  HAVING min(s.first_at) <= coalesce(u.at, h.recent) AND max(s.last_at) >= earlier(h.now, 'P1D')
    AND sum(s.before IS NOT NULL AND s.before < earlier(s.first_at, 'P1D') AND s.first_at > coalesce(u.at, h.recent)) = 0
),
latest AS MATERIALIZED (
  SELECT fold(v.system) AS system, max(v.at) AS at, v.record_id FROM events v
  JOIN sources s ON s.name = v.source AND s.kind IN ('audit-log', 'provisioning') GROUP BY 1
),
logged AS MATERIALIZED (
  SELECT fold(system) AS system, max(last_at) AS last_at FROM coverage WHERE kind IN ('audit-log', 'provisioning') GROUP BY 1
),
logs AS (
  SELECT h.id, h.system, h.recent, c.last_at, t.record_id
  FROM homes h LEFT JOIN logged c ON c.system = h.system LEFT JOIN latest t ON t.system = h.system
),
reviewed AS (
  SELECT h.id, max(v.at) AS at, v.record_id FROM held h
  CROSS JOIN events v ON v.subject_id = h.account_id AND v.entitlement_id = h.entitlement_id AND v.verb = 'review' GROUP BY h.id
),
rotated AS (
  SELECT n.id, max(v.at) AS at, v.record_id FROM nhi n CROSS JOIN accounts a ON a.identity_id = n.id
  CROSS JOIN events v ON v.subject_id = a.id AND v.verb = 'rotate' AND v.outcome = 'success' GROUP BY n.id
),
-- Revocations that worked, for each ended a grant: of its own before those of the same entitlement and of the same system.
ended AS MATERIALIZED (
  SELECT g.identity_id, g.entitlement_id, fold(e.system) AS system, e.name, g.ended_at, v.record_id
  FROM grants g JOIN entitlements e ON e.id = g.entitlement_id JOIN events v ON v.id = g.end_event_id
  WHERE g.ended_by IN ('revoke', 'delete', 'disable')
),
ended_own AS MATERIALIZED (SELECT *, max(ended_at) FROM ended GROUP BY identity_id, system),
ended_alike AS MATERIALIZED (SELECT *, max(ended_at) FROM ended GROUP BY entitlement_id),
ended_there AS MATERIALIZED (SELECT *, max(ended_at) FROM ended GROUP BY system),
revocations AS (
  SELECT h.id, h.system, coalesce(o.name, max(a.name), t.name) AS name, coalesce(o.ended_at, a.ended_at, t.ended_at) AS ended_at,
    coalesce(o.record_id, a.record_id, t.record_id) AS record_id
  FROM held h LEFT JOIN ended_own o ON o.identity_id = h.id AND o.system = h.system
  LEFT JOIN ended_alike a ON a.entitlement_id = h.entitlement_id JOIN ended_there t ON t.system = h.system
  GROUP BY h.id, h.system
),
parts AS (
  SELECT n.id, 'needed' AS question, 'owner' AS part,
    CASE WHEN o.least = 1 THEN 'yes' WHEN o.most = 0 THEN 'no' ELSE 'unknown' END AS answer,
    CASE WHEN coalesce(trim(n.owner), '') = '' THEN 'no owner is named in the register'
      WHEN o.id IS NULL THEN 'whether ' || n.owner || ', its named owner, is still there is not in source data'
      WHEN o.least = 1 THEN n.owner || ' owns it and is there, says ' || o.systems
      WHEN o.most = 0 THEN n.owner || ', its named owner, left: ' || o.told || '; no successor is named'
      ELSE 'sources disagree on whether ' || n.owner || ', its named owner, is still there' END AS because,
    json_insert(coalesce(o.records, '[]'), '$[#]', n.record_id) AS records
  FROM nhi n LEFT JOIN owning o ON o.id = n.id
  UNION ALL
  SELECT n.id, 'needed', 'purpose',
    CASE WHEN n.purpose_ends_at <= n.now THEN 'no' WHEN coalesce(trim(n.purpose), '') <> '' OR n.purpose_ends_at IS NOT NULL THEN 'yes' ELSE 'unknown' END,
    CASE WHEN n.purpose_ends_at <= n.now THEN 'its purpose' || coalesce(', ' || n.purpose || ',', '') || ' ended at ' || n.purpose_ends_at
      WHEN n.purpose_ends_at IS NOT NULL THEN 'its purpose' || coalesce(', ' || n.purpose || ',', '') || ' lasts until ' || n.purpose_ends_at
      WHEN coalesce(trim(n.purpose), '') <> '' THEN 'its purpose is ' || n.purpose ELSE 'no purpose is named in the register' END,
    json_array(n.record_id) FROM nhi n
  UNION ALL
  SELECT n.id, 'needed', 'use',
    CASE WHEN u.at >= coalesce(n.recent, u.at) THEN 'yes'
      WHEN n.recent IS NOT NULL AND EXISTS (SELECT 1 FROM homes h WHERE h.id = n.id)
        AND NOT EXISTS (SELECT 1 FROM homes h WHERE h.id = n.id AND NOT EXISTS (SELECT 1 FROM watched w WHERE w.id = n.id AND w.system = h.system)) THEN 'no'
      ELSE 'unknown' END,
    CASE WHEN u.at >= coalesce(n.recent, u.at) THEN 'last used at ' || u.at || ' in ' || u.system
      WHEN n.recent IS NOT NULL AND EXISTS (SELECT 1 FROM homes h WHERE h.id = n.id)
        AND NOT EXISTS (SELECT 1 FROM homes h WHERE h.id = n.id AND NOT EXISTS (SELECT 1 FROM watched w WHERE w.id = n.id AND w.system = h.system))
        THEN coalesce('not used since ' || u.at, 'not used') || ', for longer than the review interval, in logs that cover all its systems up to ' || n.now
      WHEN u.at IS NOT NULL THEN 'last known use at ' || u.at || '; logs of use do not cover the time since in all its systems'
      ELSE 'no use is known, and logs of use do not cover all its systems' END,
    json_array(u.record_id) FROM nhi n LEFT JOIN used u ON u.id = n.id
  UNION ALL
  SELECT n.id, 'monitored', 'logs',
    CASE WHEN f.id IS NOT NULL THEN 'no' WHEN count(l.id) > 0 AND sum(l.last_at IS NULL OR l.last_at < coalesce(l.recent, l.last_at)) = 0 THEN 'yes' ELSE 'unknown' END,
    CASE WHEN f.id IS NOT NULL THEN f.because
      WHEN count(l.id) = 0 THEN 'no account of it is known'
      WHEN sum(l.last_at IS NULL) > 0 THEN 'no log is in evidence of ' || group_concat(CASE WHEN l.last_at IS NULL THEN l.system END, ', ')
      WHEN sum(l.last_at < coalesce(l.recent, l.last_at)) > 0 THEN 'for a whole review interval no log is in evidence of ' || group_concat(CASE WHEN l.last_at < l.recent THEN l.system END, ', ')
      ELSE 'logs tell of ' || group_concat(l.system || ' up to ' || l.last_at, ', ') END,
    coalesce(f.records, json_group_array(l.record_id))
  FROM nhi n LEFT JOIN logs l ON l.id = n.id LEFT JOIN failed f ON f.id = n.id AND f.part = 'logs' GROUP BY n.id
  UNION ALL
  SELECT n.id, 'monitored', 'reviews',
    CASE WHEN f.id IS NOT NULL THEN 'no' WHEN m.id IS NOT NULL THEN 'unknown' WHEN p.id IS NOT NULL THEN 'yes'
      WHEN r.at >= coalesce(n.recent, r.at) THEN 'yes' ELSE 'unknown' END,
    CASE WHEN f.id IS NOT NULL THEN f.because WHEN m.id IS NOT NULL THEN m.because
      WHEN r.at IS NOT NULL THEN 'last reviewed at ' || r.at WHEN p.id IS NOT NULL THEN p.because ELSE 'no review of what it holds is in evidence' END,
    coalesce(f.records, json_array(r.record_id))
  FROM nhi n LEFT JOIN failed f ON f.id = n.id AND f.part = 'reviews' LEFT JOIN reviewed r ON r.id = n.id
  LEFT JOIN checked m ON m.id = n.id AND m.mode = 'review-missed' AND m.verdict = 'no-evidence'
  LEFT JOIN checked p ON p.id = n.id AND p.mode = 'review-missed' AND p.verdict = 'pass'
  WHERE EXISTS (SELECT 1 FROM held h WHERE h.id = n.id)
  UNION ALL
  SELECT n.id, 'removable', 'end', CASE WHEN f.id IS NOT NULL THEN 'no' ELSE 'yes' END,
    CASE WHEN f.id IS NOT NULL THEN f.because WHEN n.purpose_ends_at IS NOT NULL THEN 'its purpose ends at ' || n.purpose_ends_at
      ELSE 'everything that it holds ends by itself, the last at ' || (SELECT max(h.expires_at) FROM held h WHERE h.id = n.id) END,
    coalesce(f.records, CASE WHEN n.purpose_ends_at IS NOT NULL THEN json_array(n.record_id) END, (SELECT json_group_array(h.record_id) FROM held h WHERE h.id = n.id))
  FROM nhi n LEFT JOIN failed f ON f.id = n.id AND f.part = 'end'
  WHERE f.id IS NOT NULL OR n.purpose_ends_at IS NOT NULL
    OR (SELECT count(*) > 0 AND sum(h.expires_at IS NULL) = 0 FROM held h WHERE h.id = n.id)
  UNION ALL
  SELECT n.id, 'removable', 'rotation',
    CASE WHEN f.id IS NOT NULL THEN 'no' WHEN m.id IS NOT NULL THEN 'unknown' WHEN p.id IS NOT NULL OR r.id IS NOT NULL THEN 'yes' ELSE 'unknown' END,
    CASE WHEN f.id IS NOT NULL THEN f.because WHEN m.id IS NOT NULL THEN m.because WHEN r.id IS NOT NULL THEN 'last rotated at ' || r.at
      WHEN p.id IS NOT NULL THEN p.because ELSE 'no credential or rotation of it is in evidence' END,
    coalesce(f.records, json_array(r.record_id))
  FROM nhi n LEFT JOIN failed f ON f.id = n.id AND f.part = 'rotation' LEFT JOIN rotated r ON r.id = n.id
  LEFT JOIN checked m ON m.id = n.id AND m.mode = 'rotation-overdue' AND m.verdict = 'no-evidence'
  LEFT JOIN checked p ON p.id = n.id AND p.mode = 'rotation-overdue' AND p.verdict = 'pass'
  UNION ALL
  SELECT n.id, 'removable', 'revocation',
    CASE WHEN f.id IS NOT NULL THEN 'no' WHEN sum(r.id IS NULL) = 0 THEN 'yes' ELSE 'unknown' END,
    CASE WHEN f.id IS NOT NULL THEN f.because
      WHEN sum(r.id IS NULL) > 0 THEN 'no revocation that worked is in evidence in ' || group_concat(CASE WHEN r.id IS NULL THEN h.system END, ', ')
      ELSE 'a revocation was seen to work: ' || group_concat(r.name || ' in ' || r.system || ' at ' || r.ended_at, ', ') END,
    coalesce(f.records, json_group_array(r.record_id))
  FROM nhi n CROSS JOIN (SELECT DISTINCT id, system FROM held) h ON h.id = n.id
  LEFT JOIN revocations r ON r.id = h.id AND r.system = h.system
  LEFT JOIN failed f ON f.id = n.id AND f.part = 'revocation' GROUP BY n.id
)
SELECT n.id AS identity, n.kind, n.owner, n.purpose, p.question, p.part, p.answer, p.because, (
    SELECT group_concat(v.path || ':' || coalesce(r.ordinal, substr(j.value, instr(j.value, ':') + 1)), ' ') FROM json_each(p.records) j
    LEFT JOIN records r ON r.id = j.value JOIN evidence v ON v.id = coalesce(r.evidence_id, substr(j.value, 1, instr(j.value, ':') - 1))) AS evidence, p.records, n.now AS as_of
FROM parts p JOIN nhi n ON n.id = p.id
ORDER BY n.id, CASE p.question WHEN 'needed' THEN 1 WHEN 'monitored' THEN 2 ELSE 3 END, p.part
