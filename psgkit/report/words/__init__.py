"""Wording of reports: labels, number formats, translations."""
