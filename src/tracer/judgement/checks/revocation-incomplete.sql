-- id: revocation-incomplete
-- class: execution
-- control_point: revocation
-- part: failed-to-stop
-- owner: owner of deprovisioning for the path that was left
-- question: After a leave; move; end of purpose or removal decision: was one path to the entitlement ended and another left that gives the same entitlement?
-- evidence: source data, the end of purpose and removal decisions, and the log of revocations
-- frameworks: nhi:NHI1;csf:PR.AA-01;csf:PR.AA-05;800-53:AC-2;800-53:PS-4;iso27001:5.18;iso27001:6.5;soc2:CC6.2
WITH causes AS MATERIALIZED (
  -- A change ends the access that it makes wrong; one of who may hold an entitlement, and a decision to remove it, ends every path to it.
  SELECT h.grant_id, g.identity_id, CASE h.expression WHEN 'eligible' THEN g.entitlement_id END AS entitlement_id, h.since, h.deadline,
    coalesce(h.until, '9999') AS until, min(h.effective_at, h.recorded_at) AS answered_from, h.record_id,
    CASE h.expression WHEN 'purpose' THEN 'its purpose ended at ' || h.effective_at
      ELSE h.attribute || ' became ' || coalesce(nullif(h.value, ''), '(none)') || ' at ' || h.effective_at END AS what
  FROM changes h JOIN grants g ON g.id = h.grant_id WHERE h.expression IN ('rule', 'eligible', 'purpose')
  UNION ALL
  SELECT NULL, a.identity_id, v.entitlement_id, v.at, NULL, '9999', v.at, v.record_id, 'a review decided at ' || v.at || ' to remove it'
  FROM events v JOIN accounts a ON a.id = v.subject_id
  WHERE v.verb = 'review' AND v.decision = 'remove' AND v.outcome = 'success'),
paths AS MATERIALIZED (
  -- What each grant of these identities gives: its entitlement, and what the groups hold that it leads into, also through others.
  SELECT g.id AS grant_id, g.identity_id, g.entitlement_id, g.first_sign_at AS since, '9999' AS until, NULL AS via, g.ended_by, g.ended_at, g.end_event_id
  FROM (SELECT DISTINCT identity_id FROM causes) c CROSS JOIN grants g ON g.identity_id = c.identity_id
  UNION ALL
  SELECT g.id, g.identity_id, w.entitlement_id, max(g.first_sign_at, r.valid_from, w.first_sign_at),
    min(coalesce(r.valid_to, '9999'), coalesce(w.ended_at, '9999')), r.group_id, g.ended_by, g.ended_at, g.end_event_id
  FROM (SELECT DISTINCT identity_id FROM causes) c CROSS JOIN grants g ON g.identity_id = c.identity_id
  CROSS JOIN memberships m ON m.grant_id = g.id
  CROSS JOIN (SELECT member_id, group_id, valid_from, valid_to FROM reaches
    UNION ALL SELECT DISTINCT group_id, group_id, '', NULL FROM memberships) r ON r.member_id = m.group_id
  CROSS JOIN grants w ON w.account_id = r.group_id),
meant AS MATERIALIZED (
  SELECT h.*, p.grant_id AS path_id, p.entitlement_id AS path_entitlement, p.via, p.until AS path_until
  FROM causes h CROSS JOIN paths p ON p.identity_id = h.identity_id AND p.grant_id = h.grant_id
  UNION ALL
  SELECT h.*, p.grant_id, p.entitlement_id, p.via, p.until
  FROM causes h CROSS JOIN paths p ON p.identity_id = h.identity_id AND p.entitlement_id = h.entitlement_id AND p.since <= h.since
  CROSS JOIN grants g ON g.id = p.grant_id
  WHERE p.grant_id IS NOT h.grant_id AND CASE WHEN h.grant_id IS NULL
    THEN NOT EXISTS (SELECT 1 FROM events k WHERE k.verb = 'review' AND k.decision = 'keep' AND k.subject_id = g.account_id
      AND k.entitlement_id IN (g.entitlement_id, p.entitlement_id) AND k.at >= h.since)
    ELSE p.via IS NOT NULL AND g.basis <> 'exception' END),
ended AS MATERIALIZED (
  SELECT * FROM paths WHERE ended_by IN ('revoke', 'delete', 'disable') AND ended_at <= until),
left_over AS MATERIALIZED (
  -- Another path was ended for the cause while this one was left: of several ends the first that answered the first cause.
  SELECT * FROM (
    SELECT h.*, o.ended_at AS left_by, o.end_event_id, coalesce(h.deadline, strftime('%Y-%m-%dT%H:%M:%fZ', h.since, '+' || c.revocation_sla || ' seconds')) AS due_at,
      c.record_id AS grant_record_id, min(c.held_until, h.path_until) AS held_until,
      row_number() OVER (PARTITION BY h.path_id ORDER BY h.since, h.via IS NOT NULL, o.ended_at, o.grant_id, h.path_entitlement, h.via, h.record_id) AS place
    FROM meant h CROSS JOIN ended o ON o.identity_id = h.identity_id AND o.entitlement_id = h.path_entitlement AND o.grant_id <> h.path_id
      AND unlikely(o.since <= h.since AND o.ended_at >= h.answered_from)
    CROSS JOIN circumstances c ON c.grant_id = h.path_id
    WHERE c.revocation_sla IS NOT NULL AND o.ended_at < min(c.held_until, h.path_until)
      AND min(h.until, c.held_until, h.path_until) > coalesce(h.deadline, strftime('%Y-%m-%dT%H:%M:%fZ', h.since, '+' || c.revocation_sla || ' seconds')))
  WHERE place = 1)
SELECT w.path_id AS grant_id, 'fail' AS verdict,
  w.what || '; another path was ended at ' || w.left_by || ', this one was held until ' || w.held_until
    || coalesce(' and gave ' || e.name || ' through ' || a.name, '') AS because,
  w.due_at AS failed_at, w.since, w.grant_record_id AS record_id, json_array(w.record_id, z.record_id) AS records
FROM left_over w
LEFT JOIN events z ON z.id = w.end_event_id
LEFT JOIN entitlements e ON e.id = w.path_entitlement
LEFT JOIN accounts a ON a.id = w.via
UNION ALL
SELECT DISTINCT h.path_id, 'pass', 'no other path to it was ended while this one was left', NULL, NULL, NULL, NULL
FROM meant h JOIN limits l ON l.name = 'revocation_sla' WHERE h.path_id NOT IN (SELECT path_id FROM left_over)
