"""Small undamaged files of each kind that psgkit reads."""

import random
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from device_maker import (
    ACTIWARE_DE,
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
from edf_fuzzer import base
from test_scoring_fuzz import FILES as SCORINGS

from psgkit.core.hypnogram import Hypnogram
from psgkit.document.write import night_as_json
from psgkit.io.scoring.read import read_scoring
from psgkit.night.scored import score_night

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

DISCOMFORT = b"time,site,score\n20:10,legs,4\n20:20,legs,7\n20:22,back,1\n"
SYMPTOMS = (
    b"time,site,severity,words\n2026-01-03 22:15,back,6.5,itching\n"
    b"2026-01-03 23:05,legs,3,\n2026-01-04 07:30,arms,0,none\n"
)
COUNTS = (
    b"time,activity,light\n2024-01-31 12:00:00,9,1.5\n2024-01-31 12:01:00,0,0\n"
    b"2024-01-31 12:02:00,31,0\n2024-01-31 12:03:00,5,2\n"
)
ACTILIFE = (
    b"------------ Data File Created By ActiGraph wGT3XBT ActiLife v6.13.4 Firmware v1.9.2 date "
    b"format M/d/yyyy Filter Normal -----------\nSerial Number: MOS2A00\nStart Time 12:00:00\n"
    b"Start Date 1/31/2024\nEpoch Period (hh:mm:ss) 00:01:00\nDownload Time 10:00:00\n"
    b"Download Date 2/7/2024\nCurrent Memory Address: 0\nCurrent Battery Voltage: 4.1  Mode = 12\n"
    b"--------------------------------------------------\n9,0,3\n0,0,0\n12,4,1\n"
)
CHANNEL_MAP = (
    b'["EMG RF"]\nrole = "leg"\nsite = "left_leg"\nunit = "uV"\n\n[LAT1]\nminus = "LAT2"\n'
    b'role = "leg"\n'
)
SETTINGS = (
    b'[rules]\nbase = "wasm2016"\n\n[rules.series]\nmin_movements = 4\n\n[emg.rule]\n'
    b"onset_above_rest_uv = 8.0\n\n[emg.conditioning.band]\nlow_hz = 10.0\nhigh_hz = 100.0\n"
)


@cache
def report() -> bytes:
    """Return the report of a short scored night."""
    rows = "".join(f"{25 * k + 30},2,lm,left_leg\n" for k in range(6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        path.write_text("onset_s,duration_s,kind,site\n" + rows, encoding="utf-8")
        events = read_scoring(path, wanted="events").events
    return night_as_json(
        score_night(events, Hypnogram.of(["W", "N1", "N2", "N2", "N3", "R"]))
    ).encode()


def _device(name: str) -> bytes:
    """Return a small file of a device."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if name == "agd":
            write_agd(path, [(1, 2, 3)] * 20)
        elif name == "gt3x":
            write_gt3x(path, log_of(steps(8, 30)))
        else:
            samples = np.random.default_rng(0).integers(-200, 200, (400, 3))
            (write_cwa if name == "cwa" else write_bin)(path, samples)
        return path.read_bytes()


def _review() -> bytes:
    from psgkit.review.changes import edit_of
    from psgkit.review.marks import Mark, Scoring, Stages, Window
    from psgkit.review.review_file import ReviewedNight, open_for_review

    night = ReviewedNight(file="night.edf", sha256="0" * 64, start=None, duration_s=600.0)
    mark = Mark.as_found(
        id="m1", kind="lm", onset_s=3.0, end_s=5.0, site="left_leg", origin="detected"
    )
    scoring = Scoring(
        marks={"m1": mark}, stages=Stages(codes=("W",) * 20), lights=Window(off_s=0.0, on_s=600.0)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "review.jsonl"
        file, _found = open_for_review(path, "AB")
        file.append("start", **night.as_dict(), base=scoring.as_dict())
        after = edit_of({"action": "reject", "id": "m1"}, scoring, 600.0)
        edits = {"before": after.inverse(scoring).as_dict(), "after": after.as_dict()}
        file.append("change", **edits)
        file.append("signed", comment="clear")
        file.close()
        return path.read_bytes()


def _context() -> bytes:
    return (SAMPLES / "case" / "context.toml").read_bytes()


Seeds = Mapping[str, Callable[[], bytes]]


@cache
def seeds(kind: str) -> list[bytes]:
    """Return undamaged files of a kind; those of EDF differ by chance."""
    if kind == "scoring":
        return list(SCORINGS.values())
    if kind == "edf":
        return [bytes(base(random.Random(seed))) for seed in range(12)]
    return [_SINGLE[kind]()]


_SINGLE: Seeds = {
    "awd": AWD.encode,
    "mtn": MTN.encode,
    "actiware": ACTIWARE_EN.encode,
    "actiware_de": ACTIWARE_DE.encode,
    "agd": cache(lambda: _device("agd")),
    "gt3x": cache(lambda: _device("gt3x")),
    "cwa": cache(lambda: _device("cwa")),
    "bin": cache(lambda: _device("bin")),
    "counts": lambda: COUNTS,
    "actilife": lambda: ACTILIFE,
    "diary": (SAMPLES / "days" / "diary.csv").read_bytes,
    "discomfort": lambda: DISCOMFORT,
    "symptoms": lambda: SYMPTOMS,
    "channels": lambda: CHANNEL_MAP,
    "settings": lambda: SETTINGS,
    "context": _context,
    "report": report,
    "manifest": lambda: b"recording,subject,hypnogram\nnight.edf,P1,\nother.edf,P2,stages.csv\n",
    "review": cache(_review),
}

KINDS = ("edf", "scoring", *_SINGLE)
