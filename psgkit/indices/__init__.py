"""Counts and rates, each with its numerator, its denominator, or the reason why it is missing."""
