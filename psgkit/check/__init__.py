"""What is in a recording, what is wrong with it, and what it can be used for."""
