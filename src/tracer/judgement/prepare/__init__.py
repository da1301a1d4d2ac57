"""What the checks ask, one table per question."""
