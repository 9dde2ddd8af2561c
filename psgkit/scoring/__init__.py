"""Movements to candidates and periodic series.  Nothing in here knows about samples."""
