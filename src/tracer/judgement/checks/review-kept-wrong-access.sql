-- id: review-kept-wrong-access
-- class: decision
-- control_point: review
-- part: failed-to-stop
-- owner: reviewer
-- question: Did a review keep the access while it was already wrong?
-- evidence: access reviews
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
-- after: wrong-since
SELECT grant_id, CASE WHEN at IS NULL THEN 'pass' ELSE 'fail' END AS verdict,
  CASE WHEN at IS NULL THEN 'no review kept it while it was wrong'
       ELSE 'reviewed at ' || at || ' by ' || coalesce(reviewer, 'an unknown reviewer') || ' and kept, wrong since ' || wrong_since END AS because,
  at AS failed_at, wrong_since AS since, reviewer AS person, record_id
FROM (
  SELECT w.grant_id, w.wrong_since, v.record_id, a.identity_id AS reviewer, v.at
  FROM wrong_since w CROSS JOIN grants g ON g.id = w.grant_id
  LEFT JOIN events v ON v.id = (SELECT k.id FROM events k WHERE +k.verb = 'review' AND k.decision = 'keep' AND k.subject_id = g.account_id AND k.entitlement_id = g.entitlement_id
    AND k.at >= w.wrong_since AND (g.ended_at IS NULL OR k.at < g.ended_at) ORDER BY k.at, k.id LIMIT 1)
  LEFT JOIN accounts a ON a.id = v.actor_id)
