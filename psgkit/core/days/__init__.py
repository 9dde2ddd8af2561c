"""Nouns of recordings of days: clock, counts, activity, diary, report."""
