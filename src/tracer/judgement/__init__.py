"""Judging: what checks ask, the checks, and the verdicts that come of them."""
