-- id: sod-conflict
-- class: decision
-- control_point: approval
-- part: approved
-- owner: approver
-- question: Does the identity then hold an entitlement that the catalogue says conflicts with this one?
-- evidence: the catalogue's conflicts, and what else the identity held
-- frameworks: csf:PR.AA-05;csf:GV.RR-02;800-53:AC-5;iso27001:5.18;soc2:CC6.2;soc2:CC6.3;airmf:GOVERN-2.1
SELECT c.grant_id, CASE WHEN x.grant_id IS NULL THEN 'pass' WHEN x.unknown = 1 THEN 'no-evidence' ELSE 'fail' END AS verdict,
  CASE WHEN x.grant_id IS NULL THEN c.identity || ' held nothing that conflicts with ' || c.entitlement || ' when it was decided'
       WHEN x.unknown = 1 THEN 'whether ' || c.identity || ' still held ' || x.entitlement || ' in ' || x.system || ', which the catalogue says conflicts with ' || c.entitlement || ', is not known'
       ELSE c.identity || ' has held ' || x.entitlement || ' in ' || x.system || ' since ' || x.since || ', which the catalogue says conflicts with ' || c.entitlement
         || '; this was decided at ' || coalesce(CASE c.basis WHEN 'ticket' THEN c.decided_at END, c.granted_at) END AS because,
  'when ' || x.entitlement || ' in ' || x.system || ' was taken from ' || c.identity AS need, 'revocation' AS ask, x.since AS period_from, c.granted_at AS period_to,
  coalesce(CASE c.basis WHEN 'ticket' THEN c.decided_at END, c.granted_at) AS failed_at, c.approver_id AS person, c.other_approvers AS shared,
  c.record_id, json_array(c.request_record_id, c.role_record_id, x.record_id) AS records
FROM circumstances c LEFT JOIN (
  SELECT *, min(unknown || since || other_id) FROM (
    SELECT x.*, EXISTS (SELECT 1 FROM lapses l WHERE l.grant_id = x.other_id AND l.first_at <= c.granted_at AND c.granted_at < coalesce(l.last_at, '9999')) AS unknown
    FROM conflicts x JOIN circumstances c ON c.grant_id = x.grant_id)
  GROUP BY grant_id) x ON x.grant_id = c.grant_id
WHERE (c.basis = 'rule' OR c.basis = 'ticket' AND c.decision = 'approved')
  AND (x.grant_id IS NOT NULL OR c.role_id IN (SELECT id FROM roles WHERE conflicts IS NOT NULL))
