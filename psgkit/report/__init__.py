"""Reports as pages, PDF, terminal text, tables and exports; no index is computed here."""
