"""Signals to movements.  Nothing in here knows about stages or series."""
