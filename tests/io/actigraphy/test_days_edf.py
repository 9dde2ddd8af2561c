"""Days in EDF: accelerometers stay in the file, activity and light become epochs."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from psgkit.core.recording import Channel, Recording, Segment
from psgkit.errors import InputFileError, PsgkitError
from psgkit.io.actigraphy.days_edf import days_of_recording
from psgkit.io.actigraphy.read import DayOptions, read_days
from psgkit.io.channels.assign import with_roles
from psgkit.io.edf.samples import EdfSamples
from psgkit.io.edf.write import write_edf


def week(*extra: Channel, start: datetime | None = datetime(2024, 3, 30, 12)) -> Recording:
    hours = 2
    axes = [
        Channel(
            label=f"Left Ankle {axis}",
            unit="g",
            rate_hz=25.0,
            samples=np.full(hours * 3600 * 25, value),
            limits=(-8.0, 8.0),
        )
        for axis, value in zip("XYZ", (0.0, 0.0, 1.0), strict=True)
    ]
    part = Segment(start_s=0.0, duration_s=hours * 3600.0)
    return Recording(source="w", start=start, segments=(part,), channels=(*axes, *extra))


def slow(label: str, unit: str, values: np.ndarray) -> Channel:
    return Channel(label=label, unit=unit, rate_hz=0.1, samples=values, limits=(0.0, 6000.0))


def test_accelerometers_of_days_are_read_lazily_with_counts_light_and_markers(
    tmp_path: Path,
) -> None:
    light = slow("Light", "lux", np.repeat([100.0, 300.0], 360))
    activity = slow("Activity", "", np.arange(720.0))
    file = tmp_path / "week.edf"
    write_edf(week(light, activity), file, [(60.0, 0.0, "Marker")], record_s=10.0)
    days = read_days(file, DayOptions(zone="Europe/Berlin"))
    assert days.recording is not None
    ankle = days.recording.with_role("accelerometer")
    assert [(one.place, one.axis) for one in ankle] == [("left_ankle", axis) for axis in "xyz"]
    assert isinstance(ankle[0].samples, EdfSamples)
    assert days.clock.start.isoformat() == "2024-03-30T12:00:00+01:00"
    assert days.duration_s == 7200.0
    assert days.counts[0].epoch_s == 10.0
    assert days.counts[0].counts == pytest.approx(np.arange(720.0), abs=0.1)
    track = days.track("light")
    assert track is not None
    assert (track.epoch_s, len(track)) == (60.0, 120)
    assert track.values[[0, -1]] == pytest.approx([100.0, 300.0], abs=0.1)
    assert days.markers_s.tolist() == [60.0]


@pytest.mark.parametrize("limits", [(0.0, 6000.0), (-6000.0, 6000.0), (-5999.9, 6000.0)])
def test_no_movement_is_0_whatever_the_limits_of_the_file(
    tmp_path: Path, limits: tuple[float, float]
) -> None:
    counted = np.arange(720.0) % 7
    file = tmp_path / "week.edf"
    write_edf(week(replace(slow("Activity", "", counted), limits=limits)), file, (), record_s=10.0)
    days = read_days(file)
    assert ((days.counts[0].counts == 0) == (counted == 0)).all()
    assert "counts.negative" not in [one.code for one in days.findings]


def test_counts_below_0_are_missing_and_said() -> None:
    counted = np.where(np.arange(720) < 36, -1.0, 5.0)
    days = days_of_recording(with_roles(week(slow("Activity", "", counted))), "")
    assert np.isnan(days.counts[0].counts[:36]).all()
    assert [one.message for one in days.findings if one.code == "counts.negative"] == [
        "36 epochs (5.0 %) have a count below 0; taken as missing"
    ]


def test_a_recording_without_a_start_needs_one() -> None:
    from psgkit.io.actigraphy.days_edf import days_of_recording
    from psgkit.io.channels.assign import with_roles

    nowhen = with_roles(replace(week(start=None), source="week.edf"))
    with pytest.raises(InputFileError, match="the local time of its start"):
        days_of_recording(nowhen, "")
    days = days_of_recording(nowhen, "", datetime(2024, 1, 1, 9))
    assert days.clock.start.hour == 9


def test_a_night_without_accelerometer_names_its_channels(tmp_path: Path) -> None:
    file = tmp_path / "night.edf"
    leg = Channel(label="LAT", unit="uV", rate_hz=200.0, samples=np.ones(2000), limits=(-9.0, 9.0))
    part = Segment(start_s=0.0, duration_s=10.0)
    write_edf(
        Recording(source="n", start=datetime(2024, 1, 1), segments=(part,), channels=(leg,)), file
    )
    with pytest.raises(InputFileError, match=r"LAT.*an accelerometer or activity counts"):
        read_days(file)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\x00\x01\x02" * 50, b"hello\n"])
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "what.dat"
    file.write_bytes(content)
    with pytest.raises(PsgkitError, match=r"what\.dat"):
        read_days(file)


def test_no_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        read_days(tmp_path / "none.csv")
    with pytest.raises(InputFileError, match="a folder"):
        read_days(tmp_path)
