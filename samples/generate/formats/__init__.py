"""The formats, one module per vendor."""
