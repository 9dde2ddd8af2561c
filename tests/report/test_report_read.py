"""A report read back: the same bytes, the same pages; what is broken is named by its field."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import night_store
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from night_fixtures import (
    empty_night,
    hostile_night,
    known_sites,
    night_without_stages,
    ordinary_night,
    scored,
)
from rounds import cases

import psgkit
from psgkit.core.events import KNOWN_KINDS, Events
from psgkit.core.hypnogram import STAGES, Hypnogram
from psgkit.core.index import Index
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.core.postures import POSTURES, Postures, Turns
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import Site
from psgkit.document.rows import MOVEMENT_COLUMNS
from psgkit.document.write import night_as_dict, night_as_json
from psgkit.errors import InputFileError
from psgkit.io.scoring.read import read_scoring
from psgkit.night.files import NightChoice, NightFiles, report_of_files
from psgkit.report.csv_tables import indices_csv, movements_csv, sensor_csvs
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text
from psgkit.simulate import SimulationOptions
from psgkit.sit.evidence import ReportedTest, SitFigures, beside_night
from psgkit.sit.report import PROTOCOLS

CASE = Path(__file__).resolve().parents[2] / "sample_data" / "case"


def read_back(text: str, folder: Path) -> NightReport:
    path = folder / "report.json"
    path.write_text(text, encoding="utf-8")
    return psgkit.read_report(path)


@pytest.mark.parametrize(
    "night", [ordinary_night, hostile_night, night_without_stages, empty_night]
)
def test_a_report_read_back_is_written_byte_by_byte(
    night: Callable[[], NightReport], tmp_path: Path
) -> None:
    text = night_as_json(known_sites(night()))
    assert night_as_json(read_back(text, tmp_path)) == text


@pytest.fixture(scope="module")
def simulated() -> NightReport:
    options = SimulationOptions(
        rate_hz=200.0, ecg_rate_hz=None, accelerometer_rate_hz=25.0, sensors="legs+trunk+lumbar"
    )
    return night_store.analysed("rbs", hours=1, seed=5, options=options)


def test_every_page_and_table_of_a_simulated_night_is_remade_from_its_report(
    simulated: NightReport, tmp_path: Path
) -> None:
    text = night_as_json(simulated)
    again = read_back(text, tmp_path)
    assert night_as_json(again) == text
    for made in (movements_csv, indices_csv, sensor_csvs, night_as_text, night_as_html):
        assert made(again) == made(simulated), made.__name__
    assert again.movements.to_frame().shape == simulated.movements.to_frame().shape
    assert len(again.events) > 0


def test_the_reports_of_the_worked_case_are_read_as_psgkit_writes_them() -> None:
    for path in sorted(CASE.glob("night-*.json")):
        assert night_as_json(psgkit.read_report(path)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["rls", "ras", "rbs", "akathisia", "healthy"])
def test_a_scored_table_with_a_test_beside_it_is_read_back_byte_by_byte(
    kind: str, tmp_path: Path
) -> None:
    folder = CASE.parent / kind
    found = read_scoring(folder / "truth.csv", wanted="events")
    stages = read_scoring(folder / "hypnogram.csv", wanted="stages")
    night = psgkit.score_night(found.events, stages.hypnogram)
    figures = SitFigures(
        protocol=PROTOCOLS["sit"],
        awake_s=3600.0,
        legs={"sit_index_older": Index.rate("sit_index_older", 40, 1.0, otherwise="")},
        rhythm={},
        discomfort=Index.missing("discomfort_mean", "no answers", unit="mm"),
    )
    test = ReportedTest(file="sit.json", recording="evening.edf", start=None, figures=figures)
    for report in (night, beside_night(night, test)):
        text = night_as_json(report)
        assert night_as_json(read_back(text, tmp_path)) == text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rls", "ras", "rbs", "akathisia", "healthy"])
def test_a_sample_night_is_read_back_byte_by_byte(kind: str, tmp_path: Path) -> None:
    folder = CASE.parent / kind
    files = NightFiles(hypnogram=folder / "hypnogram.csv", events=folder / "events.csv")
    text = night_as_json(report_of_files(folder / "night.edf", files, NightChoice()))
    assert night_as_json(read_back(text, tmp_path)) == text


TIMES = st.floats(0.0, 1e6).map(lambda t: round(t, 9))
WORDS = st.text(max_size=8).filter(lambda word: not word.endswith("\0"))


def table(draw: st.DrawFn, n: int) -> dict[str, np.ndarray]:
    onset_s = np.sort(np.array([draw(TIMES) for _ in range(n)]))
    lasts_s = np.array([draw(st.floats(0.0, 100.0)) for _ in range(n)])
    return {"onset_s": onset_s, "end_s": onset_s + lasts_s}


def column(draw: st.DrawFn, n: int, one: st.SearchStrategy[Any], dtype: Any) -> np.ndarray:  # noqa: ANN401
    return np.array([draw(one) for _ in range(n)], dtype=dtype)


FLOATS = st.floats(-1e6, 1e6) | st.just(math.nan)
ZONES = st.none() | st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h)))


@st.composite
def scored_tables(draw: st.DrawFn) -> ScoredMovements:
    n = draw(st.integers(0, 4))
    return ScoredMovements(
        movements=Movements(
            **table(draw, n),
            site=column(draw, n, st.sampled_from([s.value for s in Site]), str),
            n_parts=column(draw, n, st.integers(1, 9), np.int64),
            amplitude=column(draw, n, FLOATS, float),
            channels=tuple(tuple(draw(st.lists(WORDS, max_size=3))) for _ in range(n)),
            modality=column(draw, n, st.sampled_from(["emg", "accelerometer", "scored"]), str),
            amplitude_unit=column(draw, n, st.sampled_from(["uV", "g", ""]), str),
        ),
        candidate=column(draw, n, st.booleans(), bool),
        respiratory=column(draw, n, st.booleans(), bool),
        arousal=column(draw, n, st.booleans(), bool),
        stage=column(draw, n, st.sampled_from(STAGES), str),
        imi_s=column(draw, n, FLOATS, float),
        series=column(draw, n, st.integers(0, 3), np.int64),
        imi_nr_s=column(draw, n, FLOATS, float),
        series_nr=column(draw, n, st.integers(0, 3), np.int64),
    )


@st.composite
def event_tables(draw: st.DrawFn) -> Events:
    n = draw(st.integers(0, 3))
    spans = table(draw, n)
    kinds = column(draw, n, st.sampled_from(KNOWN_KINDS) | WORDS, str)
    return Events(**spans, kind=kinds, site=column(draw, n, st.sampled_from([*Site]), str))


@st.composite
def hypnograms(draw: st.DrawFn) -> Hypnogram:
    return Hypnogram.of(
        draw(st.lists(st.sampled_from(STAGES), max_size=5)),
        epoch_s=draw(st.floats(0.5, 60.0)),
        start_s=draw(st.floats(-100.0, 100.0)),
    )


@st.composite
def nights(draw: st.DrawFn) -> NightReport:
    n, m, k = (draw(st.integers(0, 3)) for _ in range(3))
    start = draw(st.none() | st.datetimes())
    zone = draw(ZONES)
    return ordinary_night(
        source=draw(WORDS),
        start=start if start is None else start.replace(tzinfo=zone),
        duration_s=draw(TIMES),
        movements=draw(scored_tables()),
        hypnogram=draw(st.none() | hypnograms()),
        events=draw(event_tables()),
        postures=Postures(
            **table(draw, n),
            posture=column(draw, n, st.sampled_from(POSTURES), str),
            angle_deg=column(draw, n, FLOATS, float),
        ),
        turns=Turns(
            **table(draw, m),
            angle_deg=column(draw, m, FLOATS, float),
            speed_deg_s=column(draw, m, FLOATS, float),
            before=column(draw, m, st.sampled_from(POSTURES), str),
            after=column(draw, m, st.sampled_from(POSTURES), str),
        ),
        rhythms=Rhythms(
            **table(draw, k),
            site=column(draw, k, st.sampled_from([*Site]), str),
            place=column(draw, k, WORDS, str),
            modality=column(draw, k, st.sampled_from(["emg", "accelerometer"]), str),
            kind=column(draw, k, WORDS, str),
            frequency_hz=column(draw, k, FLOATS, float),
            bursts_n=column(draw, k, st.integers(0, 99), np.int64),
            regularity=column(draw, k, FLOATS, float),
            alternating=column(draw, k, st.booleans(), bool),
            stage=column(draw, k, st.sampled_from(STAGES), str),
        ),
    )


@given(night=nights())
@cases(60)
def test_whatever_a_night_holds_is_read_back_byte_by_byte(
    night: NightReport, tmp_path: Path
) -> None:
    text = night_as_json(night)
    assert night_as_json(read_back(text, tmp_path)) == text


def test_kinds_that_somebody_typed_do_not_leave_in_a_report() -> None:
    events = Events.of([1.0, 2.0], [2.0, 3.0], ["arousal", "Mrs Smith moved"], ["", ""])
    text = night_as_json(ordinary_night(events=events))
    assert [row["kind"] for row in json.loads(text)["events"]] == ["arousal"]
    assert "Smith" not in text


def test_a_duration_is_the_difference_of_the_times_beside_it() -> None:
    found = scored(1)
    shifted = replace(found.movements, onset_s=np.array([0.0000004]), end_s=np.array([1.0000006]))
    row = night_as_dict(ordinary_night(movements=replace(found, movements=shifted)))["movements"][0]
    assert (row["onset_s"], row["end_s"], row["duration_s"]) == (0.0, 1.000001, 1.000001)


def test_a_report_of_an_earlier_psgkit_is_read_and_says_what_it_lacks(tmp_path: Path) -> None:
    found = night_as_dict(ordinary_night())
    del found["events"], found["epochs"]
    for row in found["movements"]:
        del row["imi_nr_s"]
    for row in found["channels"]:
        del row["place"], row["axis"], row["rule"]
    night = read_back(json.dumps(found), tmp_path)
    assert night.findings[-1].code == "report.older"
    assert night.hypnogram is not None
    assert night.hypnogram.stages.tolist() == ordinary_night().hypnogram.stages.tolist()
    assert np.isnan(night.movements.imi_nr_s).all()


def test_the_version_is_that_of_the_psgkit_that_made_the_report(tmp_path: Path) -> None:
    found = night_as_dict(ordinary_night()) | {"psgkit": {"version": "0.0.9"}}
    again = read_back(json.dumps(found), tmp_path)
    assert json.loads(night_as_json(again))["psgkit"] == {"version": "0.0.9"}


def test_the_types_of_a_report_name_every_key_that_is_written() -> None:
    from psgkit.document import model

    found = json.loads((CASE / "night-2.json").read_text(encoding="utf-8"))
    assert set(model.NightDocument.__annotations__) == set(found)
    assert set(model.NightHead.__annotations__) < set(found)
    rows = {
        "movements": model.MovementRow,
        "channels": model.ChannelRow,
        "findings": model.FindingRow,
        "cautions": model.CautionRow,
        "events": model.EventRow,
        "hypnogram": model.EpochRow,
        "postures": model.PostureRow,
        "turns": model.TurnRow,
        "rhythms": model.RhythmRow,
        "breakdown": model.BreakdownLine,
    }
    for table, row in rows.items():
        assert list(row.__annotations__) == list(found[table][0]), table
    assert tuple(model.MovementRow.__annotations__) == MOVEMENT_COLUMNS


def test_reading_is_what_loads_pydantic_and_writing_does_not() -> None:
    code = (
        "import sys, psgkit.document.read, psgkit.document.write, psgkit.followup.reported\n"
        "assert 'pydantic' not in sys.modules\n"
        "psgkit.followup.reported.read_reported_night(sys.argv[1])\n"
        "assert 'pydantic' in sys.modules"
    )
    command = [sys.executable, "-c", code, str(CASE / "night-1.json")]
    subprocess.run(command, check=True, cwd=CASE.parents[1])


DELETED = object()
BROKEN: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("movements", 3, "onset_s"), "x", "movements[3].onset_s"),
    (("movements", 3, "onset_s"), True, "movements[3].onset_s"),
    (("movements", 3, "onset_s"), 1.0, "movements[3].onset_s"),
    (("movements", 3, "end_s"), 1.0, "movements"),
    (("movements", 3, "site"), "tail", "movements[3].site"),
    (("movements", 3, "channels"), "LAT", "movements[3].channels"),
    (("movements", 3, "n_parts"), -1, "movements[3].n_parts"),
    (("movements", 3, "plm"), False, "movements[3].plm"),
    (("movements", 3, "stage"), "N7", "movements[3].stage"),
    (("movements", 3, "candidate"), 1, "movements[3].candidate"),
    (("movements", 3, "series"), DELETED, "movements[3].series"),
    (("movements", 3), [], "movements[3]"),
    (("movements",), {}, "movements"),
    (("movements",), DELETED, "movements"),
    (("events", 0, "kind"), None, "events[0].kind"),
    (("epochs", "duration_s"), 0, "epochs"),
    (("epochs", "duration_s"), 20, "epochs"),
    (("hypnogram", 5, "stage"), "S1", "hypnogram[5].stage"),
    (("indices", "legs", "plms_index", "value"), None, "indices.legs.plms_index"),
    (("indices", "legs", "plms_index", "unit"), 3, "indices.legs.plms_index.unit"),
    (("indices", "legs"), [], "indices.legs"),
    (("recording", "start"), "yesterday", "recording.start"),
    (("recording", "duration_s"), 1e999, "recording.duration_s"),
    (("recording", "segments"), None, "recording.segments"),
    (("settings", "rules"), {}, "settings.rules.name"),
    (("channels", 1, "site"), "moon", "channels[1].site"),
    (("channels", 1, "status"), "gone", "channels[1].status"),
    (("findings", 0, "severity"), "fatal", "findings[0].severity"),
    (("imi", "legs", "sleep_n", 2), 1.5, "imi.legs.sleep_n[2]"),
    (("lights", "off_s"), None, "lights.off_s"),
    (("breakdown", 0, "level"), 2, "breakdown[0].level"),
    (("profile", "leaning"), "rls", "profile.leaning"),
    (("psgkit",), None, "psgkit"),
]


@pytest.mark.parametrize(("path", "value", "named"), BROKEN)
def test_a_broken_field_is_refused_by_its_name(
    path: tuple[str | int, ...],
    value: Any,  # noqa: ANN401
    named: str,
    tmp_path: Path,
) -> None:
    document: Any = json.loads(night_as_json(ordinary_night()))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if value is DELETED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    text = json.dumps(document).replace("Infinity", "1e999")
    with pytest.raises(InputFileError, match=r"^report\.json: found .* wanted ") as caught:
        read_back(text, tmp_path)
    assert f" at {named}" in caught.value.found


@given(cut=st.integers(2, 4000))
def test_half_a_report_is_refused(cut: int, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"report\.json"):
        read_back(night_as_json(empty_night())[:-cut] or "{", tmp_path)
