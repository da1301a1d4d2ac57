"""Writes samples/evidence/: the same bytes on every run, on every machine."""
