"""The suggested immobilisation test: a waking recording, scored by two rules."""
