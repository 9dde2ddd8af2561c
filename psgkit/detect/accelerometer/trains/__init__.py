"""Rhythmic trains in accelerometers."""
