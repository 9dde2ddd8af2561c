"""The answer of a profile: answers, timing and recording in a sentence each, and the matrix."""
