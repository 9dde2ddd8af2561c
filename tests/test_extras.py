"""Without the libraries of an extra the core works, and a command says the one line to type."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from psgkit.errors import MissingExtraError
from psgkit.extras import _USES, EXTRA_OF, missing

ROOT = Path(__file__).resolve().parents[1]
NIGHT = ROOT / "sample_data" / "rls" / "night.edf"
HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in HIDDEN else real(name, *rest)
sys.meta_path.insert(0, Hidden())
from psgkit.cli import main
main()
"""


def run_without(libraries: set[str], *words: object) -> "subprocess.CompletedProcess[str]":
    """Return what the command line does where some libraries are not installed."""
    code = f"HIDDEN = {libraries!r}\n{HIDE}"
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_report_needs_no_extra(tmp_path: Path) -> None:
    done = run_without(set(EXTRA_OF), "report", NIGHT, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize(
    ("library", "words"),
    [
        ("typst", ["report", NIGHT, "--out", "OUT", "--pdf"]),
        ("babel", ["--language", "de", "report", NIGHT]),
        ("pyarrow", ["batch", NIGHT.parent, "--out", "OUT"]),
        ("distributed", ["batch", NIGHT.parent, "--out", "OUT", "--jobs", "2"]),
        ("pyarrow", ["cohort", NIGHT.parent]),
        ("mne", ["report", "VHDR", "--out", "OUT"]),
        ("mne", ["report", "FIF", "--json"]),
    ],
)
def test_a_command_whose_extra_is_missing_says_what_to_type(
    library: str, words: list[object], tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.mkdir()
    for name in ("night.vhdr", "night.fif"):
        (made / name).write_bytes(b"Brain Vision Data Exchange Header File")
    at = {"OUT": tmp_path / "out", "VHDR": made / "night.vhdr", "FIF": made / "night.fif"}
    done = run_without({library}, *(at.get(str(one), one) for one in words))
    assert done.returncode == MissingExtraError.exit_code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f'pip install "psgkit[{EXTRA_OF[library]}]"' in done.stderr
    assert not (tmp_path / "out").exists()


def test_every_extra_is_declared_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["optional-dependencies"]
    assert set(EXTRA_OF.values()) == set(_USES) <= set(declared)
    for library, extra in EXTRA_OF.items():
        assert extra in str(missing(library))
    everything = declared["all"][0]
    for extra in set(EXTRA_OF.values()):
        assert extra in everything
