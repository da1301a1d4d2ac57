"""The checks: one SQL file per failure mode, and what reads, orders and runs them."""
