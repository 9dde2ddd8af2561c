"""Simulated signals: EMG, heart, accelerometers, posture, rhythmic trains."""
