"""Reports of one person over several nights."""
