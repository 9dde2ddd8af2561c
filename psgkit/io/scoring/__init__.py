"""Stages and events of a scorer: tables, EDF+ annotations and the formats of vendors."""
