"""The machine that tracer runs on: processes that it starts, what they may import, files that may be opened, temporary ones."""
