"""Grants, the links of each to its decision and delivery, and the graph of one question."""
