"""What was handed in: files and archives to records, acts and uses; the books; the register as it was read."""
