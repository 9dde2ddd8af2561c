"""Limb and trunk movements in EMG."""
