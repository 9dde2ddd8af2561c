"""Text files: encodings, tables, clock times."""
