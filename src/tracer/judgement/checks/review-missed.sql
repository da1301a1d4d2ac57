-- id: review-missed
-- class: decision
-- control_point: review
-- part: failed-to-stop
-- owner: reviewer (application owner)
-- question: Was a review due (review_interval after the grant or the last review) and not done?
-- evidence: access reviews that cover review_interval after the grant and after each review
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
-- after: wrong-since
SELECT c.grant_id,
  CASE WHEN m.grant_id IS NOT NULL THEN 'fail' WHEN d.grant_id IS NOT NULL THEN 'no-evidence' ELSE 'pass' END AS verdict,
  CASE WHEN m.grant_id IS NOT NULL THEN 'a review was due every ' || l.value || '; there was none between ' || m.last_at || ' and ' || m.missed_at
       WHEN d.grant_id IS NOT NULL THEN 'a review was due by ' || d.due_at || '; the access reviews in evidence do not cover that time'
       ELSE 'no review was overdue: one was due every ' || l.value || ' and it was held from ' || c.granted_at || ' to ' || c.held_until END AS because,
  'access reviews of ' || c.system AS need, 'review' AS ask, d.last_at AS period_from, d.due_at AS period_to,
  CASE WHEN m.since IS NULL THEN m.missed_at ELSE max(m.missed_at, m.since) END AS failed_at, m.since, c.record_id
FROM circumstances c JOIN limits l ON l.name = 'review_interval'
LEFT JOIN (
  -- of several misses the first that the access was wrong in, if there is one: that review should have ended it
  SELECT r.*, w.wrong_since AS since, min(CASE WHEN w.wrong_since < r.next_at THEN '0' ELSE '1' END || r.missed_at)
  FROM reviews_due r LEFT JOIN wrong_since w ON w.grant_id = r.grant_id AND w.wrong_since < r.next_at
  WHERE r.missed_at IS NOT NULL GROUP BY r.grant_id) m ON m.grant_id = c.grant_id
LEFT JOIN (SELECT *, min(due_at) FROM reviews_due WHERE missed_at IS NULL GROUP BY grant_id) d ON d.grant_id = c.grant_id
