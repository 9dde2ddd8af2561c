"""Simulated weeks of an actigraph."""
