"""Scoring formats, one module a vendor."""
