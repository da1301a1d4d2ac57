"""Answers for a person: terminal, picture, report."""
