"""``python -m psgkit``."""

import os
import sys

# Python searches the working folder first, where recordings of others may lie beside any module
if sys.path and sys.path[0] == os.getcwd() and not __file__.startswith(sys.path[0] + os.sep):  # noqa: PTH109
    del sys.path[0]

from psgkit.cli import main

main()
