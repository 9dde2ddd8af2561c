"""``psgkit batch``: command, dry run, watching a folder."""
