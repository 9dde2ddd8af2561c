"""Indices of recordings of days: rhythm, transitions, regularity, rest."""
