"""Electrodes recorded against a common reference: what is subtracted, refused, and counted.

Each file holds one muscle that moves six times a minute.  Its electrodes show half of it each, on
top of what lies on the reference: noise, and a heart.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal

from psgkit.core.recording import Channel, Recording
from psgkit.detect.emg.channels import choose_channels
from psgkit.detect.emg.detect import EmgDetection, detect_movements
from psgkit.errors import SettingsError
from psgkit.io.channels.assign import with_roles
from psgkit.io.channels.channel_map import parse_channel_map
from psgkit.io.read import read_recording

RATE_HZ, DURATION_S = 200, 60
MOVEMENTS_N = 6
Run = Callable[..., tuple[int, str, str]]


def muscle_uv(rate_hz: int = RATE_HZ) -> np.ndarray:
    """Return EMG at rest that moves for 1 s every 10 s."""
    at_s = np.arange(DURATION_S * rate_hz) / rate_hz
    noise = np.random.default_rng(1).standard_normal(len(at_s))
    return np.where(np.abs(at_s % 10 - 5) < 0.5, 60.0, 2.0) * noise


def reference_uv(rate_hz: int = RATE_HZ) -> np.ndarray:
    """Return what every electrode shows: noise for 2 of 10 s, and a heart."""
    at_s = np.arange(DURATION_S * rate_hz) / rate_hz
    noise = np.random.default_rng(2).standard_normal(len(at_s))
    beats = 300 * (at_s % 0.9 < 0.04) * np.sin(at_s * 2 * np.pi * 25)
    return np.where(at_s % 10 < 2, 40.0, 4.0) * noise + beats


def electrode(label: str, sign: float, rate_hz: int = RATE_HZ, **fields: object) -> dict:
    samples = reference_uv(rate_hz) + sign * muscle_uv(rate_hz) / 2
    return ordinary(np.rint(samples), per_record=rate_hz, label=label, **fields)


def bipolar(label: str) -> dict:
    return ordinary(np.rint(muscle_uv()), per_record=RATE_HZ, label=label)


def file_of(folder: Path, *signals: dict) -> Path:
    path = folder / "night.edf"
    path.write_bytes(edf_bytes(signals))
    return path


def pair(first: str, second: str) -> list[dict]:
    return [electrode(first, 1.0), electrode(second, -1.0)]


def chosen(path: Path, map_text: str = "") -> Recording:
    channel_map = parse_channel_map(map_text, "map.toml") if map_text else None
    return choose_channels(read_recording(path, channel_map), EmgDetection())


def used(recording: Recording, role: str = "leg") -> list[Channel]:
    return [channel for channel in recording.with_role(role) if channel.status == "used"]


def movements_n(recording: Recording) -> list[int]:
    """Return the movements of each leg that is used."""
    return [len(detect_movements(recording.signals(leg)[0])) for leg in used(recording)]


# --- pairs that are certain ----------------------------------------------------------------------

PAIRS_OF_A_LEG = [
    ("LAT1", "LAT2", "left_leg"),
    ("RAT1", "RAT2", "right_leg"),
    ("LLEG1", "LLEG2", "left_leg"),
    ("L-TIB1", "L-TIB2", "left_leg"),
    ("TIB1-R", "TIB2-R", "right_leg"),
    ("LAT+", "LAT-", "left_leg"),
    ("LAT (+)", "LAT (-)", "left_leg"),
    ("LATa", "LATb", "left_leg"),
    ("Leg R A", "Leg R B", "right_leg"),
    ("LAT prox", "LAT dist", "left_leg"),
    ("L Leg pos", "L Leg neg", "left_leg"),
    ("L Leg", "L Leg Ref", "left_leg"),
    ("Left Leg 1", "Left Leg 2", "left_leg"),
    ("Jambe gauche 1", "Jambe gauche 2", "left_leg"),
    ("Tib.ant.re 1", "Tib.ant.re 2", "right_leg"),
    ("Bein li oben", "Bein li unten", "left_leg"),
    ("EMG LAT1", "EMG LAT2", "left_leg"),
    ("LAT3", "LAT4", "left_leg"),
    ("LAT1-A2", "LAT2-A2", "left_leg"),
    ("LAT1-Ref", "LAT2-Ref", "left_leg"),
    ("EMG RLEG1-M1", "EMG RLEG2-M1", "right_leg"),
    ("Leg+", "Leg-", ""),
    ("TIB prox", "TIB dist", ""),
]


@pytest.mark.parametrize(("first", "second", "site"), PAIRS_OF_A_LEG)
def test_the_difference_of_a_pair_is_scored(
    tmp_path: Path, first: str, second: str, site: str
) -> None:
    recording = chosen(file_of(tmp_path, *pair(first, second)))
    (leg,) = used(recording)
    plain = [label.removesuffix("-A2").removesuffix("-Ref") for label in (first, second)]
    plain = [label.removesuffix("-M1") for label in plain]
    assert (leg.label, str(leg.site)) == ("-".join(plain), site)
    assert movements_n(recording) == [MOVEMENTS_N]
    assert [finding.code for finding in recording.findings] == ["channels.derived"]
    assert [half.label for half in leg.electrodes] == [first, second]
    assert f"{first} minus {second}" in leg.rule


def test_one_electrode_alone_would_give_another_number(tmp_path: Path) -> None:
    path = file_of(tmp_path, *pair("LAT1", "LAT2"))
    recording = chosen(path, '"LAT1" = {minus = ""}')
    assert [leg.label for leg in used(recording)] == ["LAT1"]
    assert movements_n(recording) != [MOVEMENTS_N]


def test_a_heart_on_the_reference_moves_no_leg(tmp_path: Path) -> None:
    quiet = np.random.default_rng(3).standard_normal((2, DURATION_S * RATE_HZ))
    signals = [
        ordinary(np.rint(2 * own + reference_uv()), per_record=RATE_HZ, label=label)
        for own, label in zip(quiet, ("LAT1", "LAT2"), strict=True)
    ]
    assert movements_n(chosen(file_of(tmp_path, *signals))) == [0]


OTHER_PAIRS = [
    ("chin", ["Chin1", "Chin2"], "Chin1-Chin2"),
    ("chin", ["Chin1", "Chin2", "Chin3"], "Chin1-Chin2"),
    ("chin", ["L Chin", "R Chin"], "L Chin-R Chin"),
    ("chin", ["EMG Chin+", "EMG Chin-"], "EMG Chin+-EMG Chin-"),
    ("ecg", ["ECG1", "ECG2"], "ECG1-ECG2"),
    ("ecg", ["EKG+", "EKG-"], "EKG+-EKG-"),
    ("ecg", ["ECG LA", "ECG RA"], "ECG LA-ECG RA"),
    ("trunk", ["Paraspinal1", "Paraspinal2"], "Paraspinal1-Paraspinal2"),
    ("trunk", ["RAb1", "RAb2"], "RAb1-RAb2"),
    ("trunk", ["Back EMG a", "Back EMG b"], "Back EMG a-Back EMG b"),
    ("arm", ["LFDS1", "LFDS2"], "LFDS1-LFDS2"),
    ("arm", ["Biceps R +", "Biceps R -"], "Biceps R +-Biceps R -"),
    ("arm", ["L Arm 1", "L Arm 2"], "L Arm 1-L Arm 2"),
]


@pytest.mark.parametrize(("role", "labels", "difference"), OTHER_PAIRS)
def test_pairs_of_other_muscles_and_of_the_heart(
    role: str, labels: list[str], difference: str, tmp_path: Path
) -> None:
    found = read_recording(file_of(tmp_path, *(electrode(label, 1.0) for label in labels)))
    first = found.with_role(role)[0]
    assert (first.label, [half.label for half in first.electrodes]) == (difference, labels[:2])


@pytest.mark.parametrize(
    ("labels", "legs"),
    [
        (["Leg1", "Leg2"], ["Leg1", "Leg2"]),
        (["PLM1", "PLM2"], ["PLM1", "PLM2"]),
        (["LAT", "RAT"], ["LAT", "RAT"]),
        (["EMG1 LAT", "EMG2 RAT"], ["EMG1 LAT", "EMG2 RAT"]),
        (["LAT1-LAT2", "LAT1", "LAT2"], ["LAT1-LAT2"]),
        (["LAT1", "LAT2", "LAT1-LAT2"], ["LAT1-LAT2"]),
        (["LAT1", "LAT2-LAT1"], ["LAT2-LAT1"]),
        (["LAT1", "LAT2", "LAT1-2"], ["LAT1-2"]),
        (["LLEG+", "LLEG-", "LLEG+-LLEG-"], ["LLEG+-LLEG-"]),
        (["LAT1", "LAT2", "L AT"], ["L AT"]),
        (["L Leg", "L Leg-1"], ["L Leg"]),
        (["Jambe G", "Jambe D"], ["Jambe G", "Jambe D"]),
    ],
)
def test_what_is_no_pair_or_is_subtracted_already(
    labels: list[str], legs: list[str], tmp_path: Path
) -> None:
    recording = chosen(file_of(tmp_path, *map(bipolar, labels)))
    assert [leg.label for leg in used(recording)] == legs
    assert not any(leg.electrodes for leg in recording.channels)
    assert movements_n(recording) == [MOVEMENTS_N] * len(legs)


@pytest.mark.parametrize(
    "labels",
    [
        ["ECG I", "ECG II"],
        ["ECG", "ECG1", "ECG2"],
        ["T8", "L3"],
        ["Paraspinal L1", "Paraspinal L2"],
    ],
)
def test_leads_and_levels_are_not_electrodes(labels: list[str], tmp_path: Path) -> None:
    found = read_recording(file_of(tmp_path, *map(bipolar, labels)))
    assert found.labels() == labels


# --- pairs that are suspected --------------------------------------------------------------------

SUSPECTED = [
    (["LAT1", "RAT1"], "LAT1", '"LAT1" = {minus = ""}'),
    (["LAT1"], "LAT1", '"LAT1" = {minus = "LABEL OF THE OTHER"}'),
    (["RLEG+"], "RLEG+", '"RLEG+" = {minus = ""}'),
    (["LAT-A2"], "LAT-A2", "recorded against A2"),
    (["LAT-Ref", "RAT-Ref"], "RAT-Ref", '"RAT-Ref" = {minus = ""}'),
    (["LAT1-A1", "LAT2-A2"], "LAT1-A1", "export both against one"),
    (["LAT1", "LAT2", "LAT3"], "LAT1", '"LAT1" = {minus = "LAT2"}'),
    (["Leg A", "Leg B"], "Leg A", '"Leg A" = {minus = "Leg B"}'),
    (
        ["LEG1", "LEG2", "LEG3", "LEG4"],
        "LEG1",
        '"LEG1" = {minus = "LEG2", role = "leg", site = "left_leg"} and '
        '"LEG3" = {minus = "LEG4", role = "leg", site = "right_leg"}',
    ),
    (["LFDS1"], "LFDS1", '"LFDS1" = {minus = ""}'),
    (["Back1", "Back2", "Back3"], "Back1", '"Back1" = {minus = "Back2"}'),
]


@pytest.mark.parametrize(("labels", "refused", "line"), SUSPECTED)
def test_a_suspected_electrode_is_refused_with_the_line_that_decides(
    labels: list[str], refused: str, line: str, tmp_path: Path
) -> None:
    recording = chosen(file_of(tmp_path, *(electrode(label, 1.0) for label in labels)))
    channel = recording.channel(refused)
    assert channel.status == "refused"
    assert line in channel.reason
    told = [f.message for f in recording.findings if f.code == "emg.refused"]
    assert channel.reason in told
    assert not any(used(recording, role) for role in ("leg", "arm", "trunk"))


def test_the_advised_lines_give_the_number(tmp_path: Path) -> None:
    signals = [*pair("LEG1", "LEG2"), *pair("LEG3", "LEG4")]
    path = file_of(tmp_path, *signals)
    reason = chosen(path).channel("LEG1").reason
    lines = reason.split("write ")[1].split(" to subtract")[0].replace(" and ", "\n")
    recording = chosen(path, lines)
    assert [(leg.label, str(leg.site)) for leg in used(recording)] == [
        ("LEG1-LEG2", "left_leg"),
        ("LEG3-LEG4", "right_leg"),
    ]
    assert movements_n(recording) == [MOVEMENTS_N] * 2


def test_different_rates_are_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, electrode("LAT1", 1.0), electrode("LAT2", -1.0, rate_hz=100))
    leg = chosen(path).channel("LAT1")
    assert leg.status == "refused"
    assert "'LAT1' and 'LAT2' have 200 and 100 Hz; export them at one rate" in leg.reason


def test_mv_and_uv_are_subtracted_in_one_unit(tmp_path: Path) -> None:
    milli = {"unit": "mV", "physical_min": "-32.768", "physical_max": "32.767"}
    path = file_of(tmp_path, electrode("LAT1", 1.0), electrode("LAT2", -1.0, **milli))
    recording = chosen(path)
    assert [leg.label for leg in used(recording)] == ["LAT1-LAT2"]
    assert movements_n(recording) == [MOVEMENTS_N]


def test_an_unknown_unit_is_refused_and_a_stated_one_read(tmp_path: Path) -> None:
    path = file_of(tmp_path, electrode("LAT1", 1.0), electrode("LAT2", -1.0, unit=""))
    leg = chosen(path).channel("LAT1")
    assert (leg.status, '"LAT2" = {unit = "uV"}' in leg.reason) == ("refused", True)
    assert movements_n(chosen(path, '"LAT2" = {unit = "uV"}')) == [MOVEMENTS_N]


def test_a_map_states_the_unit_of_both_at_their_difference(tmp_path: Path) -> None:
    path = file_of(tmp_path, electrode("LAT1", 1.0, unit=""), electrode("LAT2", -1.0, unit=""))
    assert not used(chosen(path))
    assert movements_n(chosen(path, '"LAT1-LAT2" = {unit = "uV"}')) == [MOVEMENTS_N]


# --- channel maps --------------------------------------------------------------------------------


def test_a_map_subtracts_any_channel(tmp_path: Path) -> None:
    path = file_of(tmp_path, electrode("X7", 1.0), electrode("X8", -1.0), electrode("A2", 0.0))
    text = '["X7"]\nminus = "X8"\nrole = "leg"\nsite = "right_leg"\n'
    recording = chosen(path, text)
    (leg,) = used(recording)
    assert (leg.label, str(leg.site), movements_n(recording)) == ("X7-X8", "right_leg", [6])
    assert recording.channel("A2").role == "eeg"


def test_one_reference_may_be_subtracted_from_several(tmp_path: Path) -> None:
    path = file_of(tmp_path, electrode("LAT", 1.0), electrode("RAT", -1.0), electrode("A2", 0.0))
    recording = chosen(path, '"LAT" = {minus = "A2"}\n"RAT" = {minus = "A2"}')
    assert [leg.label for leg in used(recording)] == ["LAT-A2", "RAT-A2"]
    assert movements_n(recording) == [MOVEMENTS_N] * 2
    assert recording.channel("A2").role == "eeg"


def test_two_legs_in_a_map_are_two_signals(tmp_path: Path) -> None:
    text = '["LAT1"]\nrole = "leg"\nsite = "left_leg"\n["LAT2"]\nrole = "leg"\nsite = "right_leg"\n'
    recording = chosen(file_of(tmp_path, bipolar("LAT1"), bipolar("LAT2")), text)
    assert [leg.label for leg in used(recording)] == ["LAT1", "LAT2"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"LAT1" = {minus = "LAT9"}', "does not have, wanted one of 'LAT1', 'LAT2'"),
        ('"LAT1" = {minus = "LAT1"}', "the channel itself"),
        ('"LAT1" = {minus = 2}', "text in quotes"),
        ('"LAT1" = {minus = "slow"}', "200 and 100 Hz"),
        ('"LAT1" = {minus = "bare"}', '"bare" = {unit = "uV"}'),
    ],
)
def test_a_map_that_cannot_be_followed(text: str, found: str, tmp_path: Path) -> None:
    others = [electrode("slow", 0.0, rate_hz=100), electrode("bare", 0.0, unit="")]
    path = file_of(tmp_path, *pair("LAT1", "LAT2"), *others)
    with pytest.raises(SettingsError) as refused:
        chosen(path, text)
    assert found in str(refused.value)


# --- what is unusable, and what is read ----------------------------------------------------------


@pytest.mark.parametrize("value", [0, 32767])
def test_time_with_one_electrode_off_is_unusable(value: int, tmp_path: Path, psgkit: Run) -> None:
    signals = pair("LAT1", "LAT2")
    signals[1]["digital"][: 30 * RATE_HZ] = value
    path = file_of(tmp_path, *signals)
    report = json.loads(psgkit("report", path, "--json")[1])
    legs = report["indices"]["legs"]["lm_index_recording"]
    assert legs["denominator_h"] == pytest.approx(30 / 3600, rel=0.02)
    assert legs["numerator"] == MOVEMENTS_N / 2
    assert {"emg.flat", "emg.saturated"} & {f["code"] for f in report["findings"]}


def test_nothing_is_read_before_a_slice_is_wanted(tmp_path: Path) -> None:
    path = file_of(tmp_path, *pair("LAT1", "LAT2"))
    recording = read_recording(path)
    path.unlink()
    leg = recording.channel("LAT1-LAT2")
    assert len(leg.samples) == DURATION_S * RATE_HZ
    with pytest.raises(FileNotFoundError):
        leg.samples[:10]


def test_reading_roles_twice_changes_nothing(tmp_path: Path) -> None:
    once = read_recording(file_of(tmp_path, *pair("LAT1", "LAT2"), electrode("RAT1", 1.0)))
    twice = with_roles(once)
    assert [(c.label, c.role, c.doubt) for c in twice.channels] == [
        (c.label, c.role, c.doubt) for c in once.channels
    ]
    assert twice.findings == once.findings


# --- files for others ----------------------------------------------------------------------------


def test_check_shows_what_is_subtracted(tmp_path: Path, psgkit: Run) -> None:
    path = file_of(tmp_path, *pair("LAT1", "LAT2"), electrode("RAT1", 1.0))
    (file,) = json.loads(psgkit("check", path, "--json")[1])["files"]
    legs = next(use for use in file["uses"] if use["analysis"] == "legs")
    assert (legs["usable"], legs["reason"]) == (True, "LAT1-LAT2")
    rows = {row["label"]: row for row in file["channels"]}
    assert rows["LAT1"]["rule"] == "one electrode of 'LAT1-LAT2'"
    assert rows["LAT1"]["uses"][0]["reason"] == "not recognised as leg"
    assert {"channels.derived", "emg.refused"} <= {row["code"] for row in file["findings"]}


@pytest.mark.parametrize("form", ["edf", "luna", "mne", "bids", "csv"])
def test_exports_name_the_difference(form: str, tmp_path: Path, psgkit: Run) -> None:
    path = file_of(tmp_path, *pair("LAT1", "LAT2"))
    out = tmp_path / "report"
    assert psgkit("report", str(path), "--out", str(out))[0] == 0
    report = str(out / "report.json")
    signals = ["--recording", str(path)] if form == "edf" else []
    exported = tmp_path / form
    assert psgkit("export", report, "--to", form, "--out", str(exported), *signals)[0] == 0
    files = [file for file in exported.rglob("*") if file.is_file()]
    assert any(b"LAT1-LAT2" in file.read_bytes() for file in files)
    if form == "edf":
        copy = read_recording(next(file for file in files if "scored" in file.name))
        assert copy.labels() == ["LAT1-LAT2", "LAT1", "LAT2"]
        assert movements_n(choose_channels(copy, EmgDetection())) == [MOVEMENTS_N]


def test_a_difference_with_a_long_name_follows_from_the_copy(tmp_path: Path, psgkit: Run) -> None:
    path = file_of(tmp_path, *pair("EMG Left Leg 1", "EMG Left Leg 2"))
    out = tmp_path / "report"
    assert psgkit("report", str(path), "--out", str(out))[0] == 0
    arguments = ["--to", "edf", "--out", str(out), "--recording", str(path)]
    assert psgkit("export", str(out / "report.json"), *arguments)[0] == 0
    copy = choose_channels(read_recording(next(out.glob("*scored.edf"))), EmgDetection())
    assert movements_n(copy) == [MOVEMENTS_N]


def test_an_anonymised_copy_keeps_the_difference_that_marks_name(
    tmp_path: Path, psgkit: Run
) -> None:
    marks = annotations([tal("+0") + tal("+5", "Limb movement@@LAT1-LAT2")], samples=40)
    path = file_of(tmp_path, *pair("LAT1", "LAT2"), marks)
    assert psgkit("check", str(path), "--anonymise", str(tmp_path / "out"), "--keep-names")[0] == 0
    text = (tmp_path / "out" / "night.edf").read_bytes()
    assert b"Limb movement@@LAT1-LAT2" in text


def test_electrodes_are_not_offered_as_the_other_leg(tmp_path: Path, psgkit: Run) -> None:
    path = file_of(tmp_path, *pair("LAT1", "LAT2"))
    report = json.loads(psgkit("report", path, "--json")[1])
    (told,) = [caution for caution in report["cautions"] if caution["code"] == "one_leg"]
    assert "LAT1' or" not in told["message"]
    assert "role =" not in told["advice"]
