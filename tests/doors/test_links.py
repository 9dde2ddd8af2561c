"""Symbolic links at the names of outputs: they are replaced, not followed."""

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
NIGHT = Path(__file__).resolve().parents[2] / "sample_data" / "healthy" / "night.edf"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_text("precious")
    return path


def test_simulate_replaces_a_link(tmp_path: Path, victim: Path, psgkit: Run) -> None:
    out = tmp_path / "out"
    words = ("simulate", "healthy", "--hours", "1", "--out", out)
    assert psgkit(*words)[0] == 0
    names = [path.name for path in out.iterdir() if path.is_file()]
    for name in names:
        (out / name).unlink()
        (out / name).symlink_to(victim)
        (out / f"{name}.part").symlink_to(victim)
    psgkit(*words)
    assert victim.read_text() == "precious"
    assert names


def test_export_beside_signals_replaces_a_link(tmp_path: Path, victim: Path, psgkit: Run) -> None:
    assert psgkit("report", NIGHT, "--out", tmp_path / "night", "--quiet")[0] == 0
    report, out = tmp_path / "night" / "report.json", tmp_path / "out"
    words = ("export", report, "--to", "edf", "--recording", NIGHT, "--out", out)
    code, _, error = psgkit(*words)
    assert code == 0, error
    names = [path.name for path in out.iterdir()]
    for name in names:
        (out / name).unlink()
        (out / name).symlink_to(victim)
        (out / f"{name}.part").symlink_to(victim)
    code, _, error = psgkit(*words)
    assert code == 0, error
    assert victim.read_text() == "precious"
    assert not any((out / name).is_symlink() for name in names)
