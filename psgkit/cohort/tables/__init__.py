"""Tables of a cohort: schema, rows of one recording, merge."""
