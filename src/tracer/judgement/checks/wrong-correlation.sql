-- id: wrong-correlation
-- class: source-data
-- control_point: source-data
-- part: created
-- owner: owner of identity correlation
-- question: Do the inputs as logged carry a worker id or e-mail of another identity than the account belongs to? (stale-copy; wrong-attribute and wrong-subject are then not applicable; the control covers attribute correlation.)
-- evidence: a worker id or e-mail among the logged inputs
-- frameworks: csf:PR.AA-01;csf:ID.AM-08;800-53:SI-10;800-53:SI-18;800-53:AC-16;iso27001:5.16;soc2:CC2.1
SELECT c.grant_id,
  CASE WHEN c.correlated_id IS NULL OR n.result = 1 THEN 'pass' WHEN n.result = 0 AND n.blank IS NULL OR EXISTS (
         -- what it logged of the other person is a value without which the decision would have gone the other way
         SELECT 1 FROM differences d WHERE d.grant_id = c.grant_id AND d.mode = 'stale-copy' AND d.decides = 1) THEN 'fail' ELSE 'no-evidence' END AS verdict,
  CASE WHEN c.correlated_id IS NULL THEN 'the logged inputs carry no id of another person'
       ELSE 'the engine decided on ' || c.correlated_by || ', which is ' || c.correlated_id || '; the account belongs to ' || c.identity END AS because,
  'source data of ' || c.identity AS need, 'source-data' AS ask, NULL AS period_from, c.granted_at AS period_to,
  c.granted_at AS failed_at, 'correlation' AS attribute, c.record_id
FROM circumstances c
LEFT JOIN evaluations n ON n.grant_id = c.grant_id AND n.subject = 'decision' AND n.reading = 'known-now'
WHERE c.basis = 'rule' AND c.inputs_logged = 1
