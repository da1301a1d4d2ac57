"""From acts to events, requests and rows of the register."""
