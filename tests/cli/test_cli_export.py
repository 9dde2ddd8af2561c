"""``psgkit export``: every form as a user asks for it, and what is refused."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import psgkit as package
from psgkit.report.exchange.forms import FORMS

Command = Callable[..., tuple[int, str, str]]
CASE = Path(__file__).parents[2] / "sample_data" / "case"


@pytest.fixture
def report(good: dict[str, Path], psgkit: Command, tmp_path: Path) -> Path:
    """Return the report of a short night."""
    folder = tmp_path / "report"
    options = ("--hypnogram", good["hypnogram"], "--events", good["events"])
    code, _, err = psgkit("report", good["recording"], *options, "--out", folder)
    assert code == 0, err
    return folder / "report.json"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_writes_into_its_folder_and_says_what(
    form: str, psgkit: Command, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, said, err = psgkit("export", CASE / "night-2.json", "--to", form, "--out", out)
    assert (code, said) == (0, "")
    files = sorted(path for path in out.rglob("*") if path.is_file())
    assert files
    written = [line for line in err.splitlines() if not line.startswith("no trace.npz beside")]
    assert sorted(written) == sorted(f"wrote {path}" for path in files)


def test_the_page_of_a_finished_night_needs_no_recording(
    psgkit: Command, good: dict[str, Path], tmp_path: Path
) -> None:
    folder, pages = tmp_path / "report", tmp_path / "pages"
    code, _, err = psgkit("report", good["recording"], "--out", folder, "--keep-trace")
    assert code == 0, err
    assert f"wrote {folder / 'trace.npz'}" in err
    code, _, err = psgkit("export", folder / "report.json", "--to", "html", "--out", pages)
    (page,) = pages.iterdir()
    assert (code, err) == (0, f"wrote {page}\n")
    assert page.read_bytes() == (folder / "report.html").read_bytes()
    (folder / "trace.npz").write_bytes(b"other")
    code, _, err = psgkit("export", folder / "report.json", "--to", "html", "--out", pages)
    assert code == 3
    assert err.startswith("psgkit: trace.npz: found no whole archive")


def test_a_page_without_a_trace_says_so(psgkit: Command, tmp_path: Path) -> None:
    report = CASE / "night-2.json"
    code, _, err = psgkit("export", report, "--to", "html", "--out", tmp_path)
    assert code == 0
    assert f"no trace.npz beside {report}: the page shows no signals" in err


def test_a_trace_needs_a_folder_and_a_night(psgkit: Command, good: dict[str, Path]) -> None:
    code, _, err = psgkit("report", good["recording"], "--keep-trace")
    assert code == 2
    assert err == (
        "psgkit: --keep-trace: found no --out, wanted a folder for the files. Add --out DIR.\n"
    )
    test = ("--protocol", "sit", "--keep-trace", "--out", "x")
    code, _, err = psgkit("report", good["recording"], *test)
    assert code == 2
    assert "--keep-trace: found the option with --protocol sit" in err


def test_the_wide_table_is_printed_without_a_folder(psgkit: Command) -> None:
    code, out, err = psgkit("export", *sorted(CASE.glob("night-*.json")), "--to", "wide")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["recording"][:7] for row in rows] == ["night-1", "night-2", "night-3"]


def test_without_a_folder_the_files_go_into_one_named_after_the_form(
    psgkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, _ = psgkit("export", CASE / "night-1.json", "--to", "luna")
    assert code == 0
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.annot")] == [
        "psgkit-luna/night-1-simulated-healthy.annot"
    ]


def test_a_copy_with_signals_needs_the_recording_of_the_report(
    report: Path, good: dict[str, Path], psgkit: Command, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with_it = ("--to", "edf", "--recording", good["recording"], "--out", out)
    assert psgkit("export", report, *with_it)[0] == 0
    copied = package.read_recording(out / "night_scored.edf")
    assert copied.labels() == package.read_recording(good["recording"]).labels()
    found = package.read_events(out / "night_scored.edf").of_kind(["lm"])
    assert len(found) >= len(package.read_report(report).movements)
    other = tmp_path / "other.edf"
    other.write_bytes(good["recording"].read_bytes()[:-512])
    code, _, err = psgkit("export", report, "--to", "edf", "--recording", other, "--out", out)
    assert code == 3
    assert "another recording" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--to", "xlsx"), 2, "one of bids, edf, luna, csv, mne, yasa, wide"),
        (("--to", "bids", "--sub", "John Smith"), 2, "ASCII letters and digits"),
        (("--to", "luna", "--recording", "night.edf"), 2, "--to edf and one report"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    words: tuple[str, ...], code: int, said: str, psgkit: Command, tmp_path: Path
) -> None:
    found, out, err = psgkit("export", CASE / "night-1.json", *words, "--out", tmp_path / "out")
    assert (found, out) == (code, "")
    assert said in err
    assert not (tmp_path / "out").exists()


def test_a_broken_report_is_refused_before_anything_is_written(
    psgkit: Command, tmp_path: Path
) -> None:
    broken = json.loads((CASE / "night-1.json").read_text("utf-8"))
    broken["movements"][2]["onset_s"] = "soon"
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken), encoding="utf-8")
    words = ("export", CASE / "night-1.json", file, "--to", "luna", "--out", tmp_path / "out")
    code, _, err = psgkit(*words)
    assert code == 3
    assert "broken.json: found 'soon' at movements[2].onset_s, wanted a finite number" in err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(psgkit: Command, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    for form in ("luna", "bids"):
        code, _, err = psgkit("export", CASE / "night-1.json", "--to", form, "--out", file / "x")
        assert code == 2
        assert "a folder that can be written to" in err
