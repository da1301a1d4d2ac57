-- title: One record as it stood
-- question: What does the record at this place say? :file is the file's path as listed in evidence, :ordinal its 0-based number.
SELECT v.path AS file, r.ordinal, r.offset, r.sha256, r.raw, v.sha256 AS file_sha256, v.source, v.read_at
FROM evidence v CROSS JOIN records r ON r.evidence_id = v.id
WHERE v.path = :file AND r.ordinal = CAST(:ordinal AS INTEGER)
