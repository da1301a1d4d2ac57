"""The fictional organisation whose year of evidence comes with tracer."""
