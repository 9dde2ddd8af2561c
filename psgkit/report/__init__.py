"""Night reports to JSON, tables, the terminal and HTML.  Nothing is computed in here."""
