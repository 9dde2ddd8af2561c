"""Stages estimated from EEG by libraries that are well kept; one module a library."""
