"""Nights with known truth."""
