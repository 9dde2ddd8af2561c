"""Kill, fill, cut off and double a batch of many small nights until all are done.

    scripts/soak [--nights N] [--kills N] [--fills N] [--cuts N] [--minutes M] [--seed S] [--at DIR]

Each attack meets a batch of its own at a random moment: SIGKILL of the batch or of all its
processes, SIGINT, SIGTERM, SIGKILL and SIGSEGV of a worker, a full disk, a power cut; with two
workers, with none, or as two shards at once.  Between them recordings are replaced and withdrawn,
in half of the runs the clock jumps, and at times a second batch is started on the same folder.
Prints counts and faults; exit code 1 if there was any, and then the folder is kept.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from soak import Plan, as_text, soaked


def main() -> int:
    """Soak as the options say."""
    usual = Plan()
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("nights", "kills", "fills", "cuts", "seed"):
        options.add_argument(f"--{name}", type=int, default=getattr(usual, name), metavar="N")
    options.add_argument("--minutes", type=float, default=0.0, help="no attack after these")
    options.add_argument("--at", type=Path, help="a folder that does not exist")
    asked = vars(options.parse_args())
    at = asked.pop("at") or Path(tempfile.mkdtemp(prefix="psgkit-soak-"))
    began_s = time.monotonic()
    said = soaked(at, Plan(**asked))
    sys.stdout.write(as_text(said))
    for fault in said.faults:
        sys.stdout.write(f"FAULT {fault}\n")
    kept = f"; all of it is in {at}" if said.faults else ""
    minutes = (time.monotonic() - began_s) / 60
    sys.stdout.write(f"{len(said.faults)} faults in {minutes:.1f} minutes{kept}\n")
    return 1 if said.faults else 0


if __name__ == "__main__":
    sys.exit(main())
