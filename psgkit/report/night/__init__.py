"""Content of a night report: summary, indices, breakdown, profile, sensors, methods."""
