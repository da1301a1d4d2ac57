"""From failing checks to findings, their owners, responsibility, confidence, and defects."""
