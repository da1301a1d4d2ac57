-- title: Missing evidence, and whom to ask
-- question: What would settle the undetermined grants, who has it, and for which period?
SELECT c.need, c.ask, min(c.period_from) AS period_from, max(c.period_to) AS period_to,
  count(DISTINCT c.grant_id) AS grants, min(c.grant_id) AS grant_id
FROM checks c JOIN grants g ON g.id = c.grant_id
WHERE c.verdict = 'no-evidence' AND g.verdict = 'undetermined' AND c.need IS NOT NULL
GROUP BY c.need, c.ask
ORDER BY grants DESC, c.need
