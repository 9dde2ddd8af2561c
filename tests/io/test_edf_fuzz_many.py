"""Thousands of damaged files: each is a recording or one error, within memory and time.

300 files in the long round, 60 in the short one; ``PSGKIT_FUZZ=10000`` runs as many as it says.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from rounds import cases

HERE = Path(__file__).resolve().parent
COUNT = int(os.environ.get("PSGKIT_FUZZ", str(3 * cases(100).max_examples)))


def test_every_damaged_file_is_a_recording_or_one_error_within_memory_and_time() -> None:
    folders = (str(HERE.parents[1]), str(HERE.parents[0]), os.environ.get("PYTHONPATH"))
    paths = os.pathsep.join(filter(None, folders))
    done = subprocess.run(
        [sys.executable, str(HERE / "edf_fuzzer.py"), str(COUNT)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert said["failures"] == []
    assert sum(said["counts"].values()) == COUNT
    # a mutation that nothing survives would test one line of the reader
    assert said["counts"]["read"] > COUNT / 3
    assert said["peak_mb"] < 1000
    assert said["slowest_s"] < said["all_s"] / 2, said["slowest_case"]
