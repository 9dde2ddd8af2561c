"""Recordings of days, from samples or counts to a report; ``walk.py`` is the whole way."""
