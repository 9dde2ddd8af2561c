"""Posture, turns in bed and walking from a trunk or ankle accelerometer."""
