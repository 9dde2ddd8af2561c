"""Compare psgkit with people who scored the same nights.

    python scripts/validate.py psg-ipa FOLDER --out DIR
    python scripts/validate.py generic FOLDER --out DIR

Nothing is downloaded. ``--list`` says which data sets are read, and why others are not. What is
measured: ``docs/validation.md``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from psgkit.agreement.validation import validate
from psgkit.agreement.validation_layouts import READ, REFUSED
from psgkit.errors import PsgkitError
from psgkit.report.validation import write_validation


def main(given: Sequence[str] | None = None) -> int:
    """Compare, write, print the names of the files; return the exit code."""
    parser = argparse.ArgumentParser(description="psgkit against people, on nights they scored.")
    parser.add_argument("dataset", nargs="?", metavar="DATASET", help=f"one of {', '.join(READ)}")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for tables and page")
    parser.add_argument("--list", action="store_true", help="which data sets are read")
    options = parser.parse_args(given)
    if options.list:
        for name, about in {**READ, **REFUSED}.items():
            print(f"{name:15} {about}")
        return 0
    if options.dataset in REFUSED:
        print(f"{options.dataset}: not read. {REFUSED[options.dataset]}.", file=sys.stderr)
        return 2
    if options.dataset is None or options.folder is None or options.out is None:
        parser.error("wanted DATASET FOLDER --out DIR; --list says which data sets are read")
    try:
        document = validate(options.dataset, options.folder, lambda night: print(f"{night} ..."))
        written = write_validation(document, options.out)
    except PsgkitError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
