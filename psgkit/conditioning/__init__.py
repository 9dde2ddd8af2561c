"""Signal to signal: filters, envelopes, the resting level, what is unusable."""
