"""Plan of a simulated night, before any signal: sleep, movements, distractors."""
