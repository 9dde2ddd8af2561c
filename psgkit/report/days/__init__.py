"""Reports of days: page, tables, JSON document, actogram."""
