"""Scored movements written as EDF+ are what every reader finds."""

import warnings
from datetime import datetime, timedelta
from pathlib import Path

import edfio
import mne
import numpy as np
import pyedflib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.movements import Movements
from psgkit.core.recording import Annotations, Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.io.edf.movement_marks import movement_marks
from psgkit.io.edf.read import read_edf
from psgkit.io.edf.write import annotation_edf, write_edf
from psgkit.io.read import read_recording
from psgkit.io.scoring.read import read_events
from psgkit.night.walk import analyse_night

START = datetime(2024, 1, 31, 22, 30, 15, 394531)
SAMPLE = Path(__file__).parents[2] / "sample_data" / "rls" / "night.edf"


def write_scored_edf(movements: Movements, recording: Recording, path: Path) -> Path:
    path.write_bytes(annotation_edf(movement_marks(movements, recording), recording.start))
    return path


def write_scored_recording(movements: Movements, recording: Recording, path: Path) -> None:
    written = recording.annotations
    kept = list(zip(written.onset_s, written.duration_s, written.text, strict=True))
    write_edf(recording, path, [*kept, *movement_marks(movements, recording)])


def night(start: datetime | None = START, seconds: int = 60) -> Recording:
    rng = np.random.default_rng(0)
    channels = [
        Channel(
            label=label,
            rate_hz=200.0,
            samples=rng.normal(0, 20, 200 * seconds),
            unit="uV",
            role="leg",
            site=site,
        )
        for label, site in (
            ("EMG LAT", Site.LEFT_LEG),
            ("EMG RAT", Site.RIGHT_LEG),
            ("EMG 7", Site.LEFT_ARM),
        )
    ]
    return Recording(
        source="night.edf",
        start=start,
        segments=(Segment(start_s=0.0, duration_s=float(seconds)),),
        channels=tuple(channels),
        annotations=Annotations(onset_s=(2.0,), duration_s=(0.0,), text=("Lights off",)),
    )


def moved() -> Movements:
    return Movements(
        onset_s=np.array([1.2345, 10.0, 20.125, 30.0, 40.0]),
        end_s=np.array([2.5, 12.0, 24.0, 31.0, 41.5]),
        site=np.array(["left_leg", "right_leg", "both_legs", "left_arm", ""]),
        n_parts=np.ones(5, dtype=np.int64),
        amplitude=np.full(5, 20.0),
        channels=(("EMG LAT",), ("EMG RAT",), ("EMG RAT", "EMG LAT"), ("EMG 7",), ()),
        modality=np.full(5, "emg"),
        amplitude_unit=np.full(5, "uV"),
    )


WANTED = [
    (1.2345, 1.2655, "Limb movement@@EMG LAT"),
    (10.0, 2.0, "Limb movement@@EMG RAT"),
    (20.125, 3.875, "Limb movement@@EMG LAT"),
    (20.125, 3.875, "Limb movement@@EMG RAT"),
    # the name of this channel does not tell the site, so the site is written
    (30.0, 1.0, "Limb movement@@left arm"),
    (40.0, 1.5, "Limb movement"),
]


def found_by(path: Path) -> dict[str, list[tuple[float, float, str]]]:
    """Return the annotations that each reader finds."""
    ours = read_edf(path).annotations
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        in_mne = mne.read_annotations(path)
        in_edfio = edfio.read_edf(path).annotations
    with pyedflib.EdfReader(str(path)) as reader:
        onset_s, duration_s, text = reader.readAnnotations()
    return {
        "psgkit": list(zip(ours.onset_s, ours.duration_s, ours.text, strict=True)),
        "pyedflib": list(zip(onset_s, np.maximum(duration_s, 0), text, strict=True)),
        "MNE": list(zip(in_mne.onset, in_mne.duration, in_mne.description, strict=True)),
        "edfio": [(a.onset, a.duration or 0.0, a.text) for a in in_edfio],
    }


def check_found(path: Path, wanted: list[tuple[float, float, str]], atol: float) -> None:
    for name, rows in found_by(path).items():
        ordered = sorted(rows, key=lambda row: (round(row[0], 3), row[2]))
        assert [row[2] for row in ordered] == [row[2] for row in wanted], name
        np.testing.assert_allclose(
            [row[:2] for row in ordered], [row[:2] for row in wanted], atol=atol, err_msg=name
        )


def test_every_reader_finds_the_same_movements_in_a_file_of_annotations(tmp_path: Path) -> None:
    path = write_scored_edf(moved(), night(START.replace(microsecond=0)), tmp_path / "scored.edf")
    check_found(path, WANTED, atol=1.1e-6)
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.getStartdatetime() == START.replace(microsecond=0)
        assert reader.signals_in_file == 0
    assert read_edf(path).findings == ()


def test_every_reader_finds_the_same_movements_beside_the_signals(tmp_path: Path) -> None:
    recording = night()
    write_scored_recording(moved(), recording, tmp_path / "night.edf")
    wanted = sorted([*WANTED, (2.0, 0.0, "Lights off")])
    check_found(tmp_path / "night.edf", wanted, atol=1e-4)
    copy = read_recording(tmp_path / "night.edf")
    assert copy.labels() == recording.labels()
    for channel, was in zip(copy.channels, recording.channels, strict=True):
        np.testing.assert_allclose(channel.samples[:], was.samples, atol=channel.resolution)


def test_both_files_read_back_as_the_events_that_were_scored(tmp_path: Path) -> None:
    recording = night()
    write_scored_recording(moved(), recording, tmp_path / "night.edf")
    write_scored_edf(moved(), recording, tmp_path / "scored.edf")
    wanted = ["left_leg", "right_leg", "left_leg", "right_leg", "left_arm", ""]
    beside = read_events(tmp_path / "night.edf").of_kind(["lm"])
    # the file starts with the second in which the recording does; the clock brings it back
    alone = read_events(tmp_path / "scored.edf", recording.start)
    for events, atol in ((beside, 1e-4), (alone, 2e-6)):
        assert sorted(events.site.tolist()) == sorted(wanted)
        np.testing.assert_allclose(events.onset_s, [row[0] for row in WANTED], atol=atol)
        np.testing.assert_allclose(events.end_s, [row[0] + row[1] for row in WANTED], atol=atol)


@cases(30)
@given(
    spans=st.lists(
        st.tuples(
            st.integers(0, 10**8), st.integers(0, 10**7), st.sampled_from(["left_leg", "trunk"])
        ),
        max_size=300,
    ),
    micros=st.integers(0, 999_999),
)
def test_times_are_kept_to_the_microsecond(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int, str]], micros: int
) -> None:
    movements = Movements.of(
        [a / 1000 for a, _, _ in spans],
        [(a + b) / 1000 for a, b, _ in spans],
        [site for _, _, site in spans],
    )
    recording = night(datetime(2024, 2, 29, 23, 59, 59) + timedelta(microseconds=micros), seconds=1)
    path = tmp_path_factory.mktemp("scored") / "scored.edf"
    write_scored_edf(movements, recording, path)
    if not spans:
        assert len(read_edf(path).annotations) == 0
        return
    found = read_events(path, recording.start)
    np.testing.assert_allclose(found.onset_s, movements.onset_s, atol=2e-6)
    assert sorted(zip(found.onset_s.round(3), found.site, strict=True)) == sorted(
        zip(movements.onset_s.round(3), movements.site, strict=True)
    )


def test_a_whole_night_report_is_found_again(tmp_path: Path) -> None:
    recording = read_recording(SAMPLE)
    report = analyse_night(recording)
    path = write_scored_edf(report.movements.movements, recording, tmp_path / "scored.edf")
    found = read_events(path, recording.start)
    joined = (report.movements.movements.site == "both_legs").sum()
    assert len(found) == len(report.movements) + joined
    assert set(found.kind.tolist()) == {"lm"}
    texts = {text for rows in found_by(path).values() for _, _, text in rows}
    assert texts == {"Limb movement@@LAT", "Limb movement@@RAT"}


def test_an_unknown_start_is_the_first_day_edf_knows(tmp_path: Path) -> None:
    path = write_scored_edf(moved(), night(None), tmp_path / "scored.edf")
    assert read_edf(path).start == datetime(1985, 1, 1)


def test_what_edf_cannot_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="EDF holds the years 1985 to 2084"):
        write_scored_edf(moved(), night(datetime(1970, 1, 1)), tmp_path / "scored.edf")
    early = Movements.of([-5.0], [1.0], "left_leg")
    with pytest.raises(ValueError, match="before the start of the recording"):
        write_scored_edf(early, night(), tmp_path / "scored.edf")
    assert list(tmp_path.iterdir()) == []
