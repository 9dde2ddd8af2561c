"""What happens in a simulated night: sleep, movements, distractors, before any signal."""
