"""A folder of recordings in which somebody planted files that Python or a library could obey."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import numpy as np

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import write_edf

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"

START = """
import json, sys


def ends():
    from psgkit.cli import main

    for words in json.load(sys.stdin):
        sys.argv = ["psgkit", *words]
        with open("/dev/null", "w") as sys.stdout, open(SAID, "w+") as sys.stderr:
            try:
                main()
                code = 0
            except SystemExit as leaving:
                code = leaving.code or 0
            except BaseException as fault:
                code = repr(fault)
            sys.stderr.seek(0)
            yield code, sys.stderr.read()[-500:]


if __name__ == "__main__":
    out, err = sys.stdout, sys.stderr
    found = [*ends()]
    sys.stdout, sys.stderr = out, err
    json.dump(found, sys.stdout)
"""
"""What the program ``psgkit`` of an installation does, for several lines in one process."""

STYLE = """
text.usetex: True
text.latex.preamble: \\input{|touch planted}
backend: module://planted_backend
lines.linewidth: 20
axes.facecolor: red
font.size: 33
svg.fonttype: path
"""
OTHERS = {
    "matplotlibrc": STYLE,
    "planted.pth": "import planted_by_pth\n",
    "python311._pth": ".\n",
    "pyvenv.cfg": "home = .\n",
    "sitecustomize.cfg": "",
    ".numba_config.yaml": "disable_jit: 1\n",
    "pyproject.toml": "[tool.psgkit]\n",
    "setup.cfg": "[global]\n",
    ".env": "PSGKIT=1\nUVICORN_HOST=0.0.0.0\n",
    "dask.yaml": "distributed: {scheduler: {preload: planted_preload}}\n",
    "distributed.yaml": "distributed: {worker: {preload: planted_preload}}\n",
    "mne-python.json": '{"MNE_USE_CUDA": "true"}',
    "logging.conf": "",
}
"""Files that some library reads in its own folder, or in that of a user."""


def plant(folder: Path, mark: Path) -> None:
    """Put a module for each name that any program imports here, and the files above."""
    code = f"open({str(mark)!r}, 'a').write(__name__ + ' at ' + __file__ + chr(10))\n"
    names = {*sys.stdlib_module_names, *packages_distributions(), "psgkit", "sitecustomize"}
    names |= {"usercustomize", "planted_backend", "planted_by_pth", "planted_preload"}
    for name in sorted(one for one in names if one.isidentifier()):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    for name in ("psgkit", "numpy", "pip", "venv", "encodings", "multiprocessing"):
        (folder / name).mkdir()
        for file in ("__init__.py", "__main__.py"):
            (folder / name / file).write_text(code, encoding="utf-8")
    for name, text in OTHERS.items():
        (folder / name).write_text(text, encoding="utf-8")


def fill(folder: Path) -> None:
    """Make the files that examples of the help name."""
    own = {
        **{
            f"{name}.edf": "healthy/night.edf"
            for name in ("night", "evening", "test", "scorer1", "scorer2", "scorer3")
        },
        "stages.csv": "healthy/hypnogram.csv",
        "events.csv": "healthy/events.csv",
        "truth.csv": "healthy/truth.csv",
        "week.csv": "days/counts.csv",
        "diary.csv": "days/diary.csv",
        "nights/one.edf": "healthy/night.edf",
        "nights/two.edf": "rls/night.edf",
        "recordings/one.edf": "healthy/night.edf",
        "report.json": "case/night-1.json",
        "before/report.json": "case/night-1.json",
        "after/report.json": "case/night-2.json",
        "night-report/report.json": "case/night-1.json",
        "night-1.json": "case/night-1.json",
        "night-2.json": "case/night-2.json",
    }
    for name, source in own.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copyfile(SAMPLES / source, folder / name)
    write_edf(night_of_eeg(), folder / "eeg.edf", note="SIMULATED")
    drug = '[[drugs]]\nname = "amisulpride"\ndose = 0.6\nunit = "g/day"\n'
    (folder / "subject.toml").write_text(drug, encoding="utf-8")


def night_of_eeg() -> Recording:
    """Return six minutes that a library can stage."""
    rate_hz, duration_s = 100.0, 360.0
    samples = 20 * np.random.default_rng(1).standard_normal(int(rate_hz * duration_s))
    return Recording(
        source="eeg",
        start=datetime(2001, 1, 1, 22, 30),
        segments=(Segment(start_s=0.0, duration_s=duration_s),),
        channels=(Channel(label="C4-M1", unit="uV", rate_hz=rate_hz, samples=samples),),
    )


def run_lines(lines: Sequence[Sequence[str]], folder: Path, program: Path) -> list[tuple[Any, str]]:
    """Return exit code and last words of each line, run in ``folder`` as an installed program."""
    program.parent.mkdir(exist_ok=True, parents=True)
    said = program.with_suffix(".said")
    program.write_text(START.replace("SAID", repr(str(said))), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)],
        input=json.dumps(lines),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [(code, words) for code, words in json.loads(done.stdout)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def serve(words: Sequence[str], folder: Path, program: Path) -> str:
    """Start a command that serves a page until Ctrl-C, end it so, and return what it said."""
    code = "import sys; from psgkit.cli import main; main()"
    program.write_text(code, encoding="utf-8")
    said = ""
    with subprocess.Popen(
        [sys.executable, str(program), *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        for line in server.stdout or ():
            said += line
            if "http://127.0.0.1:" in line:
                time.sleep(0.5)
                server.send_signal(signal.SIGINT)
    return said
