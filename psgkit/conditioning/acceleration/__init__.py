"""Acceleration conditioning: calibration, gravity, movement, activity counts."""
