"""The records of the simulated year as each system exports them."""
