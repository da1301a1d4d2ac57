-- id: revocation-incomplete
-- class: execution
-- control_point: revocation
-- part: failed-to-stop
-- owner: owner of deprovisioning for the path that was left
-- question: After a leave; move; end of purpose or removal decision: was one path to the entitlement ended and another left that gives the same entitlement?
-- evidence: source data, the end of purpose and removal decisions, and the log of revocations
-- frameworks: nhi:NHI1;csf:PR.AA-01;csf:PR.AA-05;800-53:AC-2;800-53:PS-4;iso27001:5.18;iso27001:6.5;soc2:CC6.2
SELECT w.grant_id, CASE WHEN w.left_by IS NULL THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN w.left_by IS NULL THEN 'no other path to it was ended while this one was left'
       ELSE w.what || '; another path was ended at ' || w.left_by || ', this one was held until ' || w.held_until END AS because,
  w.deadline AS failed_at, w.since, json_array(w.record_id, w.cause_record_id, w.end_record_id) AS records
FROM (
  SELECT h.grant_id, h.since, h.deadline, h.what, c.held_until, c.record_id, h.record_id AS cause_record_id,
    min(o.ended_at) AS left_by, z.record_id AS end_record_id, min(CASE WHEN o.id IS NULL THEN '9' ELSE h.since END)
  FROM (
    SELECT grant_id, since, deadline, coalesce(until, '9999') AS until, min(effective_at, recorded_at) AS answered_from, record_id,
      CASE expression WHEN 'purpose' THEN 'its purpose ended at ' || effective_at
        ELSE attribute || ' became ' || coalesce(nullif(value, ''), '(none)') || ' at ' || effective_at END AS what
    FROM changes WHERE expression IN ('rule', 'eligible', 'purpose')
    UNION ALL
    SELECT g.id, v.at, strftime('%Y-%m-%dT%H:%M:%fZ', v.at, '+' || coalesce(c.revocation_sla, 0) || ' seconds'), '9999', v.at, v.record_id,
      'a review decided at ' || v.at || ' to remove it'
    FROM events v JOIN accounts a ON a.id = v.subject_id
    JOIN grants g ON g.identity_id = a.identity_id AND g.entitlement_id = v.entitlement_id AND g.first_sign_at <= v.at
    JOIN circumstances c ON c.grant_id = g.id
    WHERE v.verb = 'review' AND v.decision = 'remove' AND v.outcome = 'success'
      AND NOT EXISTS (SELECT 1 FROM events k WHERE k.verb = 'review' AND k.decision = 'keep' AND k.subject_id = g.account_id
        AND k.entitlement_id = g.entitlement_id AND k.at >= v.at)) h
  JOIN circumstances c ON c.grant_id = h.grant_id
  JOIN grants g ON g.id = h.grant_id
  LEFT JOIN grants o ON o.identity_id = g.identity_id AND o.entitlement_id = g.entitlement_id AND o.id <> g.id
    AND o.ended_by IN ('revoke', 'delete', 'disable') AND o.first_sign_at <= h.since AND o.ended_at >= h.answered_from
    AND o.ended_at < c.held_until AND min(h.until, c.held_until) > h.deadline
  LEFT JOIN events z ON z.id = o.end_event_id
  WHERE c.revocation_sla IS NOT NULL
  GROUP BY h.grant_id) w
