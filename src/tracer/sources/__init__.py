"""The language of declarations, and what a declaration cannot say: hooks, one per source, and git."""
