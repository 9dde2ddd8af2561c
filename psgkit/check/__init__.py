"""Check of a recording: contents, faults, and the analyses it can be used for."""
