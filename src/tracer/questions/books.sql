-- title: The books of each file
-- question: Is every record of every file accounted for? balanced is 1 where records = kept + counted + skipped + rejected.
SELECT path, source, records, kept, counted, skipped, rejected, records = kept + counted + skipped + rejected AS balanced,
  first_at, last_at, sha256, note
FROM evidence
ORDER BY balanced, rejected DESC, path
