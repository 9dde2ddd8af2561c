"""Names that stand in recordings and scorings: shown on the terminal, masked in every file."""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "io"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "io" / "actigraphy"))
from device_maker import (
    ACTIWARE_EN,
    AWD,
    MTN,
    log_of,
    steps,
    write_agd,
    write_bin,
    write_cwa,
    write_gt3x,
)
from edf_maker import annotations, ordinary, tal, write
from test_scoring_fuzz import FILES

from psgkit.document.masking import masked, masked_text

Run = Callable[..., tuple[int, str, str]]
NAME = "Zvonka"
"""A surname of nobody; in no vocabulary, short enough for any field of a header."""
LABEL = "Vlabko"
"""A word in the label of a channel: channel lists keep it, findings do not."""
MINUTES = 2
TEXTS = (f"{NAME} called", f"Sleep stage {NAME}", f"LM {NAME}", f"Lights off {NAME}")


def edf(path: Path, texts: tuple[str, ...] = TEXTS, **fields: object) -> Path:
    """Write a night in which every field that takes free text holds the name."""
    rng = np.random.default_rng(3)
    seconds = 60 * MINUTES
    emg = rng.normal(0, 2, seconds * 200)
    for onset in range(10, seconds - 10, 22):
        emg[onset * 200 : onset * 200 + 300] *= 30
    spare = {"transducer": f"{NAME} 77", "prefilter": f"HP:10Hz {NAME}", "signal_reserved": NAME}
    signals = [
        ordinary(emg.astype(int), 200, label="LAT", **spare),
        ordinary(emg[::-1].astype(int), 200, label=f"RAT {LABEL}", **spare),
        ordinary(emg.astype(int), 200, label=f"EMG {LABEL}", unit="Vunko", **spare),
        ordinary(emg.astype(int), 200, label=f"EMG {LABEL}", physical_min=NAME, **spare),
        annotations(
            [
                tal(f"+{at}", "") + (tal(f"+{at}", text, duration="3") if at % 30 == 5 else b"")
                for at, text in zip(range(seconds), texts * seconds, strict=False)
            ],
            samples=60,
            label="EDF annotation",
        ),
    ]
    named: dict[str, object] = {
        "patient": f"77 F 02-FEB-1961 {NAME}_Zora",
        "recording": f"Startdate {NAME} 5 {NAME} {NAME}",
        "startdate": NAME,
        "starttime": f"{NAME}",
        "n_records": NAME,
        "reserved": f"EDF+C {NAME}",
        "header_bytes": NAME,
    }
    return write(path, signals, **{**named, **fields})


def tables(folder: Path) -> dict[str, Path]:
    """Write scorings and lists that hold the name wherever a scorer could write it."""
    texts = {
        "stages.csv": f"epoch,stage,scorer {NAME}\n"
        + "".join(f"{n},{'N2' if n % 2 else 'W'},{NAME}\n" for n in range(1, 5)),
        "events.csv": f"onset_s,duration_s,kind,site,note\n5,2,lm,left_leg,{NAME}\n"
        f"9,2,{NAME},{NAME},\n30,2,lm,left_leg,\n60,9,arousal,{NAME},\n",
        "map.toml": f'["LAT"]\nrole = "leg"\nsite = "left_leg"\n["{NAME}"]\nrole = "eeg"\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts}


def said_in(path: Path) -> str:
    """Return everything a file holds, as text in lower case."""
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as base:
            text = "\n".join(base.iterdump())
        base.close()
        return text.lower()
    if path.suffix in (".parquet", ".arrow"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        if path.suffix == ".parquet":
            return str(pq.read_table(path).to_pylist()).lower()
        return path.read_bytes().decode("latin-1").lower() + str(pa.__name__)
    return path.read_bytes().decode("utf-8", "replace").lower()


def found_in(folder: Path, word: str = NAME) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and word.lower() in said_in(path)
    ]


def findings_in(folder: Path) -> Iterator[str]:
    """Yield the findings of every document and table of findings."""
    for path in folder.rglob("*.json"):
        document = json.loads(path.read_text())
        if isinstance(document, dict):
            yield from map(str, document.get("findings", []))
            yield from map(str, document.get("cautions", []))
    for path in folder.rglob("findings.csv"):
        yield path.read_text()


@pytest.mark.parametrize("given", ["alone", "annotations", "tables"])
def test_a_report_masks_names(given: str, tmp_path: Path, psgkit: Run) -> None:
    extra = tables(tmp_path)
    night = edf(tmp_path / "night.edf", (TEXTS[0], *TEXTS[2:]) if given == "annotations" else TEXTS)
    words: list[object] = []
    if given == "tables":
        words = ["--hypnogram", extra["stages.csv"], "--events", extra["events.csv"]]
    out = tmp_path / "out"
    code, shown, error = psgkit("report", night, "--out", out, "--full", "--keep-trace", *words)
    assert code == 0, error
    assert NAME in shown
    assert found_in(out) == []
    assert not any(LABEL in found for found in findings_in(out))
    assert LABEL in (out / "report.json").read_text()
    code, shown, error = psgkit("report", night, "--json", *words)
    assert code == 0, error
    assert NAME not in shown


def test_names_are_kept_when_asked(tmp_path: Path, psgkit: Run) -> None:
    night = edf(tmp_path / "night.edf")
    settings = tmp_path / "lab.toml"
    settings.write_text("[lab]\nshow_names = true\n")
    assert psgkit("--show-names", "report", night, "--out", tmp_path / "one", "--quiet")[0] == 0
    words = ("--out", tmp_path / "two", "--quiet", "--settings", settings)
    assert psgkit("report", night, *words)[0] == 0
    assert "report.json" in found_in(tmp_path / "one")
    assert "report.json" in found_in(tmp_path / "two")
    assert psgkit("report", night, "--out", tmp_path / "three", "--quiet")[0] == 0
    assert found_in(tmp_path / "three") == []


def test_settings_say_that_names_are_masked(psgkit: Run) -> None:
    assert "show_names = false" in psgkit("settings")[1]


@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_check_masks_names(form: str, tmp_path: Path, psgkit: Run) -> None:
    edf(tmp_path / "night.edf")
    edf(tmp_path / "bad.edf", ns=NAME[:4])
    edf(tmp_path / "worse.edf", record_s=NAME)
    _code, shown, _error = psgkit("check", tmp_path, form)
    assert NAME[:4] not in shown
    assert "[masked]" in shown
    assert NAME[:4] in psgkit("check", tmp_path / "bad.edf")[1]


@pytest.mark.parametrize("jobs", [1])
def test_a_batch_masks_names(jobs: int, tmp_path: Path, psgkit: Run) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    edf(data / f"{NAME} Zora.edf")
    edf(data / f"{NAME}2.edf", record_s=NAME)
    edf(data / f"{NAME}3.edf", ns=NAME[:4])
    night = edf(data / f"{NAME}4.edf", starttime="22.00.00")
    night.with_name(f"{NAME}4_stages.csv").write_text(f"epoch,stage\n1,{NAME}\n2,W\n")
    log = tmp_path / "log.jsonl"
    psgkit("batch", data, "--out", out, "--jobs", jobs, "--log", log)
    assert len(list(out.rglob("report.json"))) >= 1
    left = [name for name in found_in(out, NAME[:4]) if not name.startswith("ledger")]
    assert left == []
    assert NAME[:4].lower() not in log.read_text().lower()
    with sqlite3.connect(next(out.glob("ledger*"))) as base:
        reasons = [row[0] or "" for row in base.execute("SELECT reason FROM nights")]
    base.close()
    assert any("[masked]" in reason for reason in reasons)
    assert not any(NAME[:4].lower() in reason.lower() for reason in reasons)


WEEKS: dict[str, Callable[[Path], Path]] = {
    "agd": lambda folder: write_agd(folder / "week.agd", [(5, 1, 0)] * 3000),
    "gt3x": lambda folder: write_gt3x(
        folder / "week.gt3x", log_of(steps(120, 30)), extra=f"TimeZone: {NAME}\r\nSex: {NAME}\r\n"
    ),
    "cwa": lambda folder: write_cwa(folder / "week.cwa", steps(78, 100).reshape(-1, 3) // 16),
    "bin": lambda folder: renamed_bin(folder / "week.bin"),
    "mtn": lambda folder: text(folder / "week.mtn", MTN),
    "awd": lambda folder: text(folder / "week.awd", AWD + "12\n" * 3000),
    "actiware": lambda folder: text(folder / "week.csv", ACTIWARE_EN),
    "table": lambda folder: text(folder / "week.csv", counts(f"{NAME}")),
    "bad cells": lambda folder: text(folder / "week.csv", counts(f"{NAME}", bad=True)),
}


def text(path: Path, content: str) -> Path:
    path.write_text(content.replace("Secret Person", f"{NAME} Zora"))
    return path


def renamed_bin(path: Path) -> Path:
    write_bin(path, steps(78, 100).reshape(-1, 3) // 16)
    content = path.read_bytes()
    for field in (b"Study Centre:", b"Config Notes:", b"Subject Notes:", b"Sex:"):
        content = content.replace(field, field + NAME.encode())
    return text_bytes(path, content.replace(b"Secret Person", NAME.encode()))


def text_bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def counts(name: str, *, bad: bool = False) -> str:
    at = np.datetime64("2024-01-31T12:00:00") + np.arange(2880) * np.timedelta64(60, "s")
    rows = [f"{moment},{n % 50},{name}" for n, moment in enumerate(at.astype(str))]
    if bad:
        rows[7] = f"{at[7]},{name},{name}"
    return "\n".join([f"# subject: {name}", f"time,counts,{name}", *rows]) + "\n"


@pytest.mark.parametrize("kind", WEEKS)
def test_days_mask_names(kind: str, tmp_path: Path, psgkit: Run) -> None:
    week = WEEKS[kind](tmp_path)
    out = tmp_path / "out"
    diary = tmp_path / "diary.csv"
    diary.write_text(
        f"date,bed_time,rise_time,{NAME}\n2024-01-31,23:00,07:00,{NAME}\n2024-02-01,{NAME},07:00,x\n"
    )
    for words in ((), ("--diary", diary)):
        code, shown, error = psgkit("days", week, "--tz", "UTC", "--out", out, *words)
        assert code in (0, 3), error
        assert found_in(out) == [] if out.exists() else code == 3
        code, shown, error = psgkit("days", week, "--tz", "UTC", "--json", *words)
        assert NAME not in shown


@pytest.mark.parametrize("name", FILES)
def test_scorings_mask_names(name: str, tmp_path: Path, psgkit: Run) -> None:
    content = FILES[name]
    for old in (b"PLM", b"LAT", b"arousal", b"Impuls", b"Leg"):
        content = content.replace(old, old + b" " + NAME.encode())
    scored = tmp_path / ("scored.xml" if content.lstrip()[:1] == b"<" else "scored.txt")
    scored.write_bytes(content)
    truth = tmp_path / "truth.csv"
    truth.write_text("onset_s,duration_s,kind,site\n1,2,lm,left_leg\n8,2,lm,left_leg\n")
    out = tmp_path / "out"
    psgkit("score", scored, "--out", out)
    assert not out.exists() or found_in(out) == []
    _code, shown, _error = psgkit("compare", truth, scored, "--json")
    assert NAME not in shown


def test_nights_mask_names(tmp_path: Path, psgkit: Run) -> None:
    night, extra = edf(tmp_path / "night.edf", starttime="22.00.00"), tables(tmp_path)
    words = ("--hypnogram", extra["stages.csv"], "--events", extra["events.csv"])
    reports = []
    for number in (1, 2):
        folder = tmp_path / f"out{number}"
        assert psgkit("--show-names", "report", night, "--out", folder, "--quiet", *words)[0] == 0
        reports.append(folder / "report.json")
    out = tmp_path / "course"
    code, _shown, error = psgkit("nights", *reports, "--out", out)
    assert code == 0, error
    assert found_in(out) == []


@pytest.mark.parametrize("label", ["hen", "mask", "ignal"])
def test_a_label_is_masked_as_a_word_and_not_within_others(label: str) -> None:
    said = f"then the signal was masked: no rest in {label}, {label}_2 and {label}1"
    found = masked({"channels": [{"label": label}], "findings": [{"message": said}]})
    expected = "then the signal was masked: no rest in [masked], [masked]_2 and [masked]1"
    assert found["findings"] == [{"message": expected}]


INITIALS = ["J. S.", "J S", "J.S.", "j.s", "JS", "J-S", "J/S", "J_S", "J, S", "(J. S.)", "J. M. S."]
INITIALS += ["J", "J.", "L. R.", "J\u00a0S", "\u0418. \u0421.", "\u00d6. \u00c4.", "J61S", "J1961"]
INITIALS += ["EMG J. S.", "J. EMG S.", "EMG left J S", "EMG L J S", "R.L. EMG", "EMG \u674e"]
INITIALS += ["by J.", "J and S", "subject J", "no J.", "J MS", "Sleep stage J S"]


@pytest.mark.parametrize("written", INITIALS)
def test_initials_are_masked(written: str) -> None:
    assert masked_text(f"events.csv: found {written!r}, wanted a number") == (
        "events.csv: found [masked], wanted a number"
    )


LETTERS = ["EMG L", "L Leg", "Leg (R)", "TA L", "EMG L/R", "Accel X Y Z", "C4-M1", "C4M1", "A1A2"]
LETTERS += ["EOG E1:A2", "M. tibialis ant. L", "Sleep stage R", "W", "x", "EEG A", "Fp1-A2"]
LETTERS += ["0.5 s", "30s", "8h30", "mV", "m/s2", "g", "%d.%m.%Y", "LegL"]


@pytest.mark.parametrize("label", LETTERS)
def test_letters_of_labels_stages_and_units_are_kept(label: str) -> None:
    text = f"night.edf: label {label!r} is used twice"
    assert masked_text(text) == text
