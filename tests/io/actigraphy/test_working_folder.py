"""A folder of recordings that holds Python modules: no command runs them.

``python -m psgkit`` itself looks into the working folder first, by Python's own rule; the installed
command does not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from device_maker import log_of, steps, write_bin, write_cwa, write_gt3x
from rounds import slow

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import write_edf

STEPS = np.random.default_rng(0).integers(-256, 256, (7800, 3))
SHADOWS = [
    "numpy", "scipy", "pandas", "dask", "distributed", "tornado", "actfast", "skdh", "mne",
    "pyarrow", "matplotlib", "pydantic", "multiprocessing", "pickle", "json", "socket", "ssl",
    "sitecustomize",
]  # fmt: skip
"""Modules that psgkit or a process it starts imports, of Python itself and of others."""
COMMAND = (
    "import sys\nfrom psgkit.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
)
"""What an installer writes for the command ``psgkit``."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of recordings of every kind, and of modules that leave a mark when run."""
    folder = tmp_path_factory.mktemp("recordings")
    write_cwa(folder / "week.cwa", STEPS)
    write_bin(folder / "week.bin", STEPS)
    write_gt3x(folder / "week.gt3x", log_of(steps(120, 30)))
    minutes = np.arange(2 * 1440) * np.timedelta64(60, "s") + np.datetime64("2024-01-31T12:00:00")
    lines = [f"{at},{i % 50}" for i, at in enumerate(minutes.astype(str))]
    (folder / "week.csv").write_text("\n".join(["time,counts", *lines]) + "\n")
    write_night(folder / "night.edf")
    mark = "import pathlib\npathlib.Path({!r}).open('a').write(__name__ + ' ')\n"
    code = mark.format(str(folder.with_name("marks")))
    # matplotlib reads this one from the working folder: LaTeX would be run for every text
    (folder / "matplotlibrc").write_text("text.usetex: True\nbackend: module://numpy\n")
    (folder / "psgkit").mkdir()
    for module in [*(f"{name}.py" for name in SHADOWS), "psgkit/__init__.py"]:
        (folder / module).write_text(code)
    return folder


def write_night(path: Path) -> None:
    emg = 2.0 * np.random.default_rng(1).standard_normal(120 * 200)
    for onset in range(10, 110, 22):
        emg[onset * 200 : onset * 200 + 300] *= 30
    channel = Channel(label="LAT", unit="uV", rate_hz=200.0, samples=emg)
    part = Segment(start_s=0.0, duration_s=120.0)
    write_edf(Recording(source="x", start=None, segments=(part,), channels=(channel,)), path)


def run_there(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command with the folder as the working folder."""
    script = folder.with_name("bin") / "psgkit"
    script.parent.mkdir(exist_ok=True)
    script.write_text(COMMAND)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["days", "week.cwa", "--tz", "UTC", "--json"], 0),
        (["report", "night.edf", "--out", "../night", "--pdf"], 0),
        slow((["days", "week.bin", "--tz", "UTC", "--json"], 0)),
        slow((["days", "week.gt3x", "--tz", "UTC", "--json"], 0)),
        slow((["days", "week.csv", "--tz", "UTC", "--out", "../days", "--pdf"], 0)),
        slow((["check", ".", "--json"], 0)),
        slow((["batch", ".", "--out", "../two", "--tz", "UTC", "--jobs", "2"], 0)),
    ],
    ids=lambda value: "-".join(value[:2]) if isinstance(value, list) else None,
)
def test_modules_beside_recordings_are_not_run(
    folder: Path, arguments: list[str], code: int
) -> None:
    done = run_there(folder, *arguments)
    marks = folder.with_name("marks")
    assert not marks.exists(), marks.read_text()
    assert done.returncode == code, done.stderr
    if "--json" in arguments:
        json.loads(done.stdout)


def test_the_modules_would_leave_a_mark(folder: Path) -> None:
    code = "import numpy, json, psgkit"
    mark = folder.with_name("marks")
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    assert set(mark.read_text().split()) >= {"numpy", "psgkit"}
    mark.unlink()
