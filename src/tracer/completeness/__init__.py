"""What of the evidence is at hand: for which source, system and time, and what it lacks."""
