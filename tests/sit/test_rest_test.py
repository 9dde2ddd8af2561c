"""A rest test lying, seated and standing: parts, rhythm and periodic movements, discomfort."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from catalogue_laws import check_computed

from psgkit.core.discomfort import Discomfort
from psgkit.core.recording import Annotations, Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.errors import SettingsError
from psgkit.io.edf.write import write_edf
from psgkit.report.sit.rest_document import rest_test_as_dict
from psgkit.report.sit.rest_page import page_about_rest_test
from psgkit.report.sit.write import text_of_test as as_text
from psgkit.report.sit.write import write_test
from psgkit.sit.rest_parts import RestPart, find_parts
from psgkit.sit.rest_test import RestTestReport, analyse_rest_test

RATE_HZ = 200.0
MARKS = [(60.0, 1200.0, "lying evening"), (1320.0, 1200.0, "seated evening")]
LYING, SEATED = (60.0, 1260.0), (1320.0, 2520.0)
ANSWERS = Discomfort.of(
    [360.0, 660.0, 960.0, 1260.0, 1290.0, 1620.0, 2520.0],
    [1, 3, 5, 7, 1, 2, 2],
    "legs",
    10.0,
)


def burst_recording(*, periodic: bool, rhythm: bool) -> Recording:
    """Return a leg with movements every 20 s while lying, and rhythm of 1 Hz while seated."""
    seconds = 2700.0
    samples = np.random.default_rng(7).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)
    onsets = [(t, 1.5) for t in np.arange(LYING[0] + 10, LYING[1] - 10, 20.0)] if periodic else []
    if rhythm:
        onsets += [(t, 0.4) for t in np.arange(SEATED[0] + 10, SEATED[0] + 700, 1.0)]
    for onset_s, length_s in onsets:
        samples[round(onset_s * RATE_HZ) : round((onset_s + length_s) * RATE_HZ)] *= 40
    leg = Channel(
        label="LAT", rate_hz=RATE_HZ, samples=samples, unit="uV", role="leg", site=Site.LEFT_LEG
    )
    starts_s, lasts_s, texts = zip(*MARKS, strict=True)
    return Recording(
        source="test.edf",
        start=datetime(2024, 1, 1, 19, 0),
        segments=(Segment(start_s=0.0, duration_s=seconds),),
        channels=(leg,),
        annotations=Annotations(onset_s=starts_s, duration_s=lasts_s, text=texts),
    )


@pytest.fixture(scope="module")
def restless_legs() -> RestTestReport:
    recording = burst_recording(periodic=True, rhythm=False)
    return analyse_rest_test(recording, find_parts(recording)[0], ANSWERS)


@pytest.fixture(scope="module")
def akathisia() -> RestTestReport:
    recording = burst_recording(periodic=False, rhythm=True)
    return analyse_rest_test(recording, find_parts(recording)[0])


def test_periodic_movements_and_relief_lying_speak_for_restless_legs(
    restless_legs: RestTestReport,
) -> None:
    lying, seated = restless_legs.parts
    assert lying.indices["legs"]["sit_index_older"].value == pytest.approx(180.0, rel=0.05)
    assert seated.indices["legs"]["sit_index_older"].value == 0.0
    (legs,) = lying.discomfort
    assert (legs.n, legs.mean.value, legs.relief.value) == (4, 4.0, 6.0)
    assert legs.rise.value == pytest.approx(4.0)
    said = restless_legs.profile.recording
    assert "for restless legs" in said
    assert "for akathisia" not in said
    assert "leg discomfort 6.0 points lower on rising" in said


def test_rhythm_while_seated_speaks_for_akathisia(akathisia: RestTestReport) -> None:
    share = akathisia.summary["rest_upright_rhythm_share"].value
    assert share is not None
    assert 0.4 < share < 0.7
    assert akathisia.summary["rest_lying_rhythm_share"].value == 0.0
    assert "for akathisia (legs rhythmic in" in akathisia.profile.recording
    assert "for restless legs" not in akathisia.profile.recording


def test_the_page_has_tiles_of_rhythm_beside_periodic_movements(akathisia: RestTestReport) -> None:
    tiles = dict(page_about_rest_test(akathisia).headline)
    assert tiles["Rhythm of the legs, seated or standing"].startswith("0.5")
    assert tiles["Periodic leg movements lying, older rule"].startswith("0.0")
    assert "seated, evening" in as_text(akathisia, width=100)


def test_indices_are_those_of_the_catalogue(restless_legs: RestTestReport) -> None:
    check_computed([{"sit": dict(restless_legs.summary)}])


def test_the_document_has_no_absent_values_without_a_reason(restless_legs: RestTestReport) -> None:
    found = rest_test_as_dict(restless_legs)
    assert "NaN" not in json.dumps(found)
    for index in found["summary"].values():
        assert (index["value"] is None) == bool(index["reason"])


def test_the_page_shows_the_trace(restless_legs: RestTestReport, tmp_path: Path) -> None:
    written = {path.name for path in write_test(restless_legs, tmp_path)}
    assert written >= {"rest_test.json", "rest_test.html", "rest_test.svg"}
    assert "lying, evening" in (tmp_path / "rest_test.svg").read_text("utf-8")
    assert "<svg" in (tmp_path / "rest_test.html").read_text("utf-8")


def test_evening_less_morning_is_by_posture() -> None:
    recording = burst_recording(periodic=False, rhythm=False)
    parts = [
        RestPart(posture="lying", session="morning", from_s=0.0, to_s=600.0, source=""),
        RestPart(posture="lying", session="evening", from_s=1200.0, to_s=1800.0, source=""),
    ]
    answers = Discomfort.of([300.0, 1500.0], [1, 6], "trunk", 10.0)
    found = analyse_rest_test(recording, parts, answers)
    assert found.summary["rest_trunk_evening"].value == 5.0
    assert "for a restless back" in found.profile.recording


def test_answers_outside_of_all_parts_are_counted() -> None:
    recording = burst_recording(periodic=False, rhythm=False)
    part = RestPart(posture="lying", session="evening", from_s=0.0, to_s=300.0, source="")
    found = analyse_rest_test(recording, [part], Discomfort.of([100.0, 2000.0], [1, 2], "", 10.0))
    assert any(one.message.startswith("1 of 2 scores") for one in found.findings)


# parts


def marked(*marks: tuple[float, float, str]) -> Recording:
    starts_s, lasts_s, texts = zip(*marks, strict=True)
    return Recording(
        source="a.edf",
        start=datetime(2024, 1, 1, 8, 0),
        segments=(Segment(start_s=0.0, duration_s=7200.0),),
        channels=(),
        annotations=Annotations(onset_s=starts_s, duration_s=lasts_s, text=texts),
    )


@pytest.mark.parametrize(
    ("text", "posture", "session"),
    [
        ("Lying, morning", "lying", "morning"),
        ("rest test seated", "seated", "morning"),
        ("liegend abends", "lying", "evening"),
        ("Debout (soir)", "standing", "evening"),
        ("SITTING 2", "seated", "morning"),
    ],
)
def test_annotated_parts(text: str, posture: str, session: str) -> None:
    ((part,), _) = find_parts(marked((60.0, 300.0, text)))
    assert (part.posture, part.session, part.to_s) == (posture, session, 360.0)


def test_starts_and_ends_are_paired_and_a_missing_end_is_a_finding() -> None:
    marks = [(60.0, 0.0, "lying start"), (360.0, 0.0, "lying end"), (400.0, 0.0, "standing start")]
    parts, findings = find_parts(marked(*marks))
    assert [(one.from_s, one.to_s) for one in parts] == [(60.0, 360.0), (400.0, 7200.0)]
    assert [one.code for one in findings if one.severity == "warning"] == ["protocol.no_end"]


@pytest.mark.parametrize("name", ["parts.csv", "parts.toml"])
def test_parts_in_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    table = "posture;from;to;session\nlying;08:10;08:30;morning\nseated;1900;2500;\n"
    listed = '[[parts]]\nposture = "lying"\nfrom = "08:10"\nto = "08:30"\nsession = "morning"\n'
    listed += '[[parts]]\nposture = "sitting"\nfrom = 1900\nto = 2500\n'
    file.write_text(table if name.endswith("csv") else listed, encoding="utf-8")
    parts, _ = find_parts(marked((0.0, 0.0, "x")), file=file)
    assert [(one.posture, one.from_s, one.to_s) for one in parts] == [
        ("lying", 600.0, 1800.0),
        ("seated", 1900.0, 2500.0),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("kneeling,0,60,", "one of lying, seated, standing"),
        ("lying,0,60,noon", "morning, evening"),
        ("lying,60,0,", "a start before its end"),
        ("lying,0,9000,", "within the recording"),
        ("lying,0,60,\nseated,30,90,", "do not overlap"),
    ],
)
def test_a_wrong_part_is_refused_by_line(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "parts.csv"
    file.write_text(f"posture,from,to,session\n{row}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        find_parts(marked((0.0, 0.0, "x")), file=file)


def test_no_part_says_what_to_write() -> None:
    with pytest.raises(SettingsError, match="lying,20:00,20:20,evening"):
        find_parts(marked((0.0, 0.0, "lights off")))


def test_from_the_command_line(tmp_path: Path, psgkit: Callable[..., tuple[int, str, str]]) -> None:
    path = tmp_path / "test.edf"
    write_edf(burst_recording(periodic=True, rhythm=False), path, MARKS)
    answers = tmp_path / "vas.csv"
    answers.write_text("time,site,score\n19:11,back,4\n19:21:00,back,8\n19:21:30,back,1\n")
    command = ("report", path, "--protocol", "rest-test", "--discomfort", answers)
    code, out, err = psgkit(*command, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["schema"] == "psgkit.rest_test/1"
    assert found["summary"]["rest_trunk_relief"]["value"] == 7.0
    code, out, _ = psgkit(*command)
    assert code == 0
    assert "What speaks for what" in out
    assert psgkit("report", path, "--parts", answers)[0] == 2
