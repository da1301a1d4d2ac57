"""Rules and eligibility expressions: CEL and what translates to it."""
