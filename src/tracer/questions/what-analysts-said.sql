-- title: What analysts said of findings
-- question: Which findings were confirmed, disputed or accepted, by whom, and why? Only the disposition that stands; one of a finding that is no longer found has no grant.
SELECT d.disposition, d.because, d.by, max(d.at) AS at, count(*) AS said, d.finding_id, f.grant_id, f.mode, f.control, f.owner
FROM dispositions d
LEFT JOIN findings f ON f.id = d.finding_id
GROUP BY d.finding_id
ORDER BY at DESC, d.finding_id
