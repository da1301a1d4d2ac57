"""What was handed in: declarations, formats, reading, the register, ingest."""
