"""One module per command: parse, ask, print."""
