"""The case file: one SQLite database that holds evidence and everything derived from it."""
