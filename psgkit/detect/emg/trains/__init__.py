"""Rhythmic trains of bursts in EMG."""
