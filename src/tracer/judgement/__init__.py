"""Verdicts: inputs, checks, roots, owners, responsibility, defects."""
