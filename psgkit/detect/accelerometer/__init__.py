"""Jerks and gross movements in accelerometers."""
