"""The faults: each puts one failure mode of the model into a story that was right, and writes down the true answer."""
