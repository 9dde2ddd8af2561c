"""Makers of files stand beside the tests of what reads them."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.extend(str(TESTS / name) for name in ("io", "io/actigraphy"))
