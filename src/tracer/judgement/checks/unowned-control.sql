-- id: unowned-control
-- class: decision
-- control_point: governance
-- part: failed-to-stop
-- owner: process owner
-- question: Had the control that failed no owner at that time?
-- evidence: the register's controls with their owners over time
-- frameworks: csf:GV.RR-02;800-53:AC-2;iso27001:5.2;soc2:CC1.3;airmf:GOVERN-2.1
-- after: seats
SELECT e.grant_id, CASE WHEN r.any_control IS NULL OR n.said IS NOT NULL THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN n.said IS NOT NULL THEN n.said
       WHEN r.any_control IS NULL THEN 'the register of controls is not in evidence'
       WHEN e.control IS NULL THEN e.mode || ': no control of the register answers for it'
       ELSE e.mode || ': control ' || e.control || ' had no owner at ' || e.failed_at END
    || CASE WHEN e.others > 0 THEN ' (likewise ' || e.others || ' other failing checks)' ELSE '' END AS because,
  'the controls with their owners (register: controls)' AS need, 'governance' AS ask, e.failed_at AS period_from, e.failed_at AS period_to,
  e.failed_at, e.record_id
FROM (
  SELECT k.grant_id, k.mode, k.failed_at, k.record_id, s.control, count(*) - 1 AS others, min(coalesce(k.failed_at, '') || k.mode)
  FROM failing k JOIN seats s ON s.grant_id = k.grant_id AND s.mode = k.mode WHERE s.filled = 0 GROUP BY k.grant_id) e
LEFT JOIN (SELECT min(id) AS any_control FROM controls) r LEFT JOIN unread_sections n ON n.section = 'controls'
