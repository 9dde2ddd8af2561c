"""Hypnograms to sleep: alignment, lights, statistics, fragmentation."""
