"""``python -m psgkit``."""

from psgkit.cli import main

main()
