"""Every row of the list of damaged and odd files: values, times, findings and exit codes.

Each file holds 20 s or more of leg EMG at 200 Hz, so that ``psgkit report`` has something to score.
"""

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edf_maker import SignalFields, annotations, edf_bytes, ordinary, tal
from rounds import first_of

from psgkit import cli
from psgkit.core.recording import Recording
from psgkit.io.read import read_recording

RATE_HZ = 200
MOVEMENTS_S = (4.0, 12.0)
START = datetime(2024, 3, 2, 22, 15, 30)


def emg(duration_s: float = 20.0, rate_hz: float = RATE_HZ) -> np.ndarray:
    """Return EMG at rest with movements of 1 s at 4 s, 12 s and every 8 s after."""
    n = round(duration_s * rate_hz)
    rng = np.random.default_rng(5)
    digital = rng.normal(0, 20, n)
    for onset_s in np.arange(4.0, duration_s - 1.5, 8.0):
        digital[round(onset_s * rate_hz) : round((onset_s + 1.0) * rate_hz)] *= 20
    return np.clip(digital, -32000, 32000).astype(int)


def leg(
    digital: np.ndarray | None = None, per_record: int = RATE_HZ, **fields: object
) -> SignalFields:
    """Return the leg channel, a tenth of a microvolt a step."""
    said = {"label": "EMG LAT", "physical_min": "-3276.8", "physical_max": "3276.7"}
    return ordinary(emg() if digital is None else digital, per_record, **(said | fields))


def stamps(starts: Iterable[float] = range(20), width: int = 40) -> SignalFields:
    """Return an annotation signal that says when each record starts."""
    return annotations([tal(f"+{start}") for start in starts], width)


class Night:
    """A file on the disk, and what the commands say about it."""

    def __init__(self, path: Path, raw: bytes, run: Callable[..., tuple[int, str, str]]) -> None:
        self.path = path
        path.write_bytes(raw)
        self.run = run

    def read(self) -> Recording:
        return read_recording(self.path)

    def report(self, *more: str) -> dict[str, Any]:
        """Return what ``report --json`` prints; the command must end well."""
        code, out, err = self.run("report", str(self.path), "--json", *more)
        assert code == 0, err
        return dict(json.loads(out))

    def check(self) -> dict[str, Any]:
        """Return what ``check --json`` prints about this one file; the command must end well."""
        code, out, err = self.run("check", str(self.path), "--json")
        assert code == 0, err
        (said,) = json.loads(out)["files"]
        return dict(said)

    def error(self) -> str:
        """Return the one line that ``report`` prints, where both commands must fail with 3."""
        code, out, err = self.run("check", str(self.path), "--json")
        assert code == 3, out
        (said,) = json.loads(out)["files"]
        assert said["status"] == "unreadable"
        assert said["error"]["wanted"]
        code, out, err = self.run("report", str(self.path))
        assert (code, out) == (3, "")
        assert err.count("\n") == 1
        return err


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command: exit code, output, errors."""

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["psgkit", *words])
        code: Any = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return int(code), said.out, said.err

    return command


@pytest.fixture
def night(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> Callable[..., Night]:
    """Return a function that makes a night from signals, or from bytes."""

    def made(*signals: SignalFields | bytes, name: str = "night.edf", **fields: object) -> Night:
        raw = signals[0] if isinstance(signals[0], bytes) else edf_bytes(signals, **fields)
        return Night(tmp_path / name, raw, run)

    return made


Made = Callable[..., Night]


def codes(said: dict[str, Any], prefix: str = "edf.") -> list[tuple[str, str]]:
    return [(f["severity"], f["code"]) for f in said["findings"] if f["code"].startswith(prefix)]


def onsets(said: dict[str, Any]) -> list[float]:
    return [round(row["onset_s"], 1) for row in said["movements"]]


def microvolts(recording: Recording, label: str = "EMG LAT") -> np.ndarray:
    return np.asarray(recording.channel(label).samples[:])


def test_a_whole_file_has_no_finding_and_both_movements(night: Made) -> None:
    made = night(leg())
    said = made.report()
    assert codes(said) == []
    assert onsets(said) == list(MOVEMENTS_S)
    assert made.read().start == START
    np.testing.assert_allclose(microvolts(made.read()), emg() / 10, atol=0.002)


@pytest.mark.parametrize(
    ("changes", "cut", "code", "records"),
    [
        ({}, 300, "edf.truncated", 19),
        ({"n_records": 25}, 0, "edf.truncated", 20),
        ({"n_records": -1}, 0, "edf.record_count", 20),
        ({"n_records": -1}, 300, "edf.record_count", 19),
        ({"n_records": 14}, 0, "edf.trailing_bytes", 14),
        ({"tail": b"\x7f" * 99}, 0, "edf.trailing_bytes", 20),
    ],
)
def test_row_records_that_are_cut_off_miscounted_or_followed_by_something(
    night: Made, changes: dict[str, Any], cut: int, code: str, records: int
) -> None:
    raw = edf_bytes([leg()], **changes)
    made = night(raw[: len(raw) - cut])
    said = made.report()
    assert codes(said) == [("warning", code)]
    assert said["recording"]["duration_s"] == records
    np.testing.assert_allclose(microvolts(made.read()), emg()[: 200 * records] / 10, atol=0.002)
    (finding,) = [f for f in made.check()["findings"] if f["code"] == code]
    assert finding["byte"] == 236
    assert finding["advice"]


@pytest.mark.parametrize("raw", [edf_bytes([leg()], n_records=0), edf_bytes([leg()])[:512]])
def test_row_a_header_without_records_is_told_and_nothing_is_scored(
    night: Made, raw: bytes
) -> None:
    made = night(raw)
    said = made.report()
    assert ("error", "edf.empty") in codes(said)
    assert said["channels"][0]["reason"] == "the file holds no data record"
    assert said["indices"]["legs"]["plm_index_recording"]["value"] is None
    assert made.check()["duration_s"] == 0


@pytest.mark.parametrize(
    ("date", "time"),
    [("00.00.00", "00.00.00"), ("01.01.24", "26.00.99"), ("01.01.24", "24.00.00")],
)
def test_row_an_impossible_time_is_unknown(night: Made, date: str, time: str) -> None:
    made = night(leg(), startdate=date, starttime=time)
    said = made.report()
    assert said["recording"]["start"] is None
    assert codes(said) == [("warning", "edf.start_unknown")]
    assert onsets(said) == list(MOVEMENTS_S)
    assert made.check()["start"] is None


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"starttime": "22:00:00"}, "2024-03-02T22:00:00"),
        ({"startdate": "02.03.84"}, "2084-03-02T22:15:30"),
        ({"startdate": "02.03.85"}, "1985-03-02T22:15:30"),
        ({"startdate": "02.03.99"}, "1999-03-02T22:15:30"),
        (
            {"recording": "Startdate 05-NOV-2090 X X X", "startdate": "05.11.yy"},
            "2090-11-05T22:15:30",
        ),
    ],
)
def test_row_times_with_colons_the_clipping_year_and_the_plus_field(
    night: Made, fields: dict[str, Any], wanted: str
) -> None:
    made = night(leg(), **fields)
    assert made.report()["recording"]["start"] == wanted
    assert made.check()["start"] == wanted


def test_row_a_start_between_two_seconds_moves_the_clock_and_no_sample(night: Made) -> None:
    made = night(leg(), stamps(np.arange(20) + 0.25), reserved="EDF+C")
    said = made.report()
    assert said["recording"]["start"] == "2024-03-02T22:15:30.250000"
    assert onsets(said) == list(MOVEMENTS_S)
    assert codes(said) == []


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_row_fields_that_are_not_ascii_are_decoded_with_a_warning(
    night: Made, encoding: str
) -> None:
    signal = leg(label="EMG LAT é".encode(encoding), unit="µV".encode(encoding))
    made = night(signal)
    said = made.report()
    assert codes(said) == [("warning", "edf.encoding")]
    assert onsets(said) == list(MOVEMENTS_S)
    (channel,) = made.check()["channels"]
    assert (channel["label"], channel["unit"]) == ("EMG LAT é", "uV")


def test_row_a_label_used_twice_names_two_channels(night: Made) -> None:
    made = night(leg(label="EMG"), leg(emg() + 50, label="EMG"))
    found = made.read()
    assert found.labels() == ["EMG", "EMG-1"]
    np.testing.assert_allclose(microvolts(found, "EMG-1") - microvolts(found, "EMG"), 5, atol=0.01)
    assert codes(made.report()) == [("warning", "edf.duplicate_label")]
    (finding,) = made.check()["findings"][:1]
    assert finding["byte"] == 256 + 16


@pytest.mark.parametrize(
    "fields",
    [
        {"physical_min": "7", "physical_max": "7"},
        {"digital_min": "5", "digital_max": "5"},
        {"digital_min": "5", "digital_max": "-5"},
        {"physical_max": "NaN"},
        {"physical_max": "inf"},
        {"physical_max": ""},
    ],
)
def test_row_a_channel_without_a_scale_is_unusable_and_the_others_are_used(
    night: Made, fields: dict[str, Any]
) -> None:
    made = night(leg(label="EMG RAT", **fields), leg())
    said = made.report()
    assert codes(said) == [("error", "edf.scaling")]
    assert [c["status"] for c in said["channels"]] == ["refused", "used"]
    assert onsets(said) == list(MOVEMENTS_S)
    right, left = made.check()["channels"]
    assert right["range"] is None
    assert [use["usable"] for use in right["uses"]] == [False] * len(right["uses"])
    assert left["range"] == [-3276.8, 3276.7]


def test_row_inverted_polarity_is_read_as_written(night: Made) -> None:
    made = night(leg(physical_min="3276.7", physical_max="-3276.8"))
    said = made.report()
    assert codes(said) == [("info", "edf.polarity")]
    assert onsets(said) == list(MOVEMENTS_S)
    np.testing.assert_allclose(microvolts(made.read()), -0.1 - emg() / 10, atol=0.002)


def test_row_a_decimal_comma_is_read_as_a_point(night: Made) -> None:
    made = night(leg(physical_min="-3276,8", physical_max="3276,7"))
    said = made.report()
    assert codes(said) == [("warning", "edf.decimal_comma")] * 2
    np.testing.assert_allclose(microvolts(made.read()), emg() / 10, atol=0.002)
    assert [f["byte"] for f in made.check()["findings"][:2]] == [360, 368]


def test_row_records_of_no_length_are_an_error_with_signals_and_fine_without(night: Made) -> None:
    assert "record duration (byte 244)" in night(leg(), record_s=0).error()
    marks = tal("+0") + tal("+0", "Sleep stage W", duration="30")
    marks += tal("+30", "Sleep stage N2", duration="600")
    said = night(annotations([marks], 60), record_s=0, reserved="EDF+C").report()
    assert codes(said) == []
    assert said["indices"]["sleep"]["tst_min"]["value"] == 10


@pytest.mark.parametrize(
    ("record_s", "per_record"), [("0.1", 20), ("0.5", 100), ("2", 400), ("10", 2000), ("30", 6000)]
)
def test_row_records_of_any_length_have_the_same_times(
    night: Made, record_s: str, per_record: int
) -> None:
    made = night(leg(emg(60), per_record), record_s=record_s)
    said = made.report()
    assert said["recording"]["duration_s"] == 60
    assert said["channels"][0]["rate_hz"] == 200
    assert onsets(said) == [4, 12, 20, 28, 36, 44, 52]


def test_row_a_rate_that_is_no_whole_number_does_not_drift(night: Made) -> None:
    rate_hz = 6001 / 30
    made = night(leg(emg(3600, rate_hz), 6001), record_s=30)
    said = made.report()
    assert said["recording"]["duration_s"] == 3600
    # an assumed 200 Hz would be 0.6 s off by the end
    wanted = [4 + 8 * k for k in range(len(said["movements"]))]
    assert np.allclose([row["onset_s"] for row in said["movements"]], wanted, atol=0.06)


@pytest.mark.parametrize(("unit", "why"), [("", "unit unknown"), ("mmHg", "not a voltage")])
def test_row_a_leg_without_a_voltage_is_refused_until_a_map_states_the_unit(
    night: Made, unit: str, why: str
) -> None:
    made = night(leg(unit=unit))
    said = made.report()
    assert said["channels"][0]["status"] == "refused"
    assert why in said["channels"][0]["reason"]
    assert said["movements"] == []
    (made.path.parent / "map.toml").write_text('["EMG LAT"]\nunit = "uV"\n')
    stated = made.report("--channels", str(made.path.parent / "map.toml"))
    assert onsets(stated) == list(MOVEMENTS_S)


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1e3), ("V", 1e6), ("nV", 1e-3)])
def test_row_other_voltages_are_converted(night: Made, unit: str, factor: float) -> None:
    low, high = f"{-3276.8 / factor:.10f}"[:8], f"{3276.7 / factor:.10f}"[:8]
    if unit == "V":
        low, high = "-.003277", "0.003277"
    if unit == "nV":
        low, high = "-3276800", "3276700"
    made = night(leg(unit=unit, physical_min=low, physical_max=high))
    assert onsets(made.report()) == list(MOVEMENTS_S)
    np.testing.assert_allclose(microvolts(made.read()), emg() / 10, rtol=2e-3, atol=0.06)
    (channel,) = made.check()["channels"]
    assert (channel["unit"], channel["stored_unit"]) == ("uV", unit)


def test_row_a_bdf_of_24_bits_is_read_like_an_edf(night: Made) -> None:
    fields = {"digital_min": "-8388608", "digital_max": "8388607", "physical_max": "3276.8"}
    signal = leg(emg() * 256, **fields)
    for name, more in (("plain.bdf", []), ("plus.bdf", [stamps()])):
        for note in more:
            note["label"] = "BDF Annotations"
        kind = "BDF+C" if more else "24BIT"
        made = night(signal, *more, name=name, sample_bytes=3, reserved=kind)
        said = made.report()
        assert codes(said) == []
        assert onsets(said) == list(MOVEMENTS_S)
        assert made.check()["format"] == ("BDF+C" if more else "BDF")
        np.testing.assert_allclose(microvolts(made.read()), emg() / 10, atol=0.01)


@pytest.mark.parametrize("order", [1, -1], ids=["last", "first"])
@pytest.mark.parametrize(
    "broken",
    [b"\xff\xfe\xfd\x80" * 4, b"+1.5\x14\xc9veil\x14\x00", b"+1,5\x14comma\x14\x00", b"\x00" * 20],
    ids=["random", "latin-1", "onset", "NUL"],
)
def test_row_annotations_that_cannot_be_decoded_cost_no_sample_and_no_other_annotation(
    night: Made, order: int, broken: bytes
) -> None:
    good = tal("+5", "EEG arousal", duration="3")
    rows = [tal("+0") + broken + b"\x00" + good, *(tal(f"+{k}") for k in range(1, 20))]
    signals = [leg(), annotations(rows, 60), annotations([tal("+9", "Hypopnea")], 20)]
    made = night(*signals[::order], reserved="EDF+C")
    said = made.report()
    assert {code for _, code in codes(said)} <= {"edf.annotations"}
    assert onsets(said) == list(MOVEMENTS_S)
    assert {"EEG arousal", "Hypopnea"} <= set(made.read().annotations.text)
    assert said["movements"][0]["arousal"] is True


def test_row_a_patient_field_in_any_form_is_no_fault(night: Made) -> None:
    made = night(leg(), patient="Doe, Jane *1.1.70 #42", reserved="EDF+C")
    assert codes(made.report()) == []
    assert "Jane" not in json.dumps(made.check())


def test_row_wrong_header_bytes_are_computed_again(night: Made) -> None:
    made = night(leg(), header_bytes=1024)
    said = made.report()
    assert codes(said) == [("warning", "edf.header_bytes")]
    assert onsets(said) == list(MOVEMENTS_S)
    assert made.check()["findings"][0]["byte"] == 184


def with_samples(text: str) -> bytes:
    raw = bytearray(edf_bytes([leg()]))
    raw[256 + 216 : 256 + 224] = text.encode().ljust(8)
    return bytes(raw)


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (edf_bytes([leg()], ns="9999"), "number of signals (byte 252): found '9999'"),
        (edf_bytes([leg()], ns="-3"), "number of signals (byte 252): found '-3'"),
        (edf_bytes([leg()], ns="abcd"), "number of signals (byte 252): found 'abcd'"),
        (with_samples("0"), "samples per record of signal 1 (byte 472): found '0'"),
        (with_samples("99999999"), "samples per record of signal 1 (byte 472): found '99999999'"),
        (b"", "an empty file"),
        (b"<html><title>404</title></html>", "download the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
        (edf_bytes([leg()], record_s="100000"), "record duration (byte 244): found '100000'"),
        (edf_bytes([leg(per_record=10)], record_s="86400"), "(byte 244): found '86400'"),
    ],
)
def test_row_what_cannot_be_read_is_one_error_with_field_byte_and_value(
    night: Made, raw: bytes, where: str
) -> None:
    tracemalloc.start()
    said = night(raw, name="bad.edf").error()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said.startswith("psgkit: ")
    assert "bad.edf" in said
    assert where in said
    assert peak < 50e6


def test_row_a_step_of_31_uv_is_too_coarse_for_the_rule(night: Made) -> None:
    made = night(leg(emg() // 310, unit="V", physical_min="-1.0158", physical_max="1.0158"))
    said = made.report()
    assert said["channels"][0]["status"] == "refused"
    assert "31 uV" in said["channels"][0]["reason"]
    assert said["movements"] == []
    (channel,) = made.check()["channels"]
    assert channel["resolution"] == pytest.approx(31, abs=0.01)
    use = {row["analysis"]: row for row in channel["uses"]}["legs"]
    assert not use["usable"]
    assert "too coarse" in use["reason"]


@pytest.mark.parametrize(
    ("rate_hz", "status"), [(200, "used"), (128, "used"), (49, "refused"), (1, "refused")]
)
def test_row_a_rate_below_200_hz_is_scored_with_a_warning_and_below_50_hz_refused(
    night: Made, rate_hz: int, status: str
) -> None:
    made = night(leg(emg(40, rate_hz), rate_hz))
    said = made.report()
    assert said["channels"][0]["status"] == status
    low = [f for f in said["findings"] if f["code"] == "emg.low_rate"]
    assert len(low) == (rate_hz == 128)
    if low:
        assert "57.6 Hz" in low[0]["message"]
        assert onsets(said) == pytest.approx([4, 12, 20, 28, 36], abs=0.11)
    use = {row["analysis"]: row for row in made.check()["channels"][0]["uses"]}["legs"]
    assert use["usable"] == (status == "used")


@pytest.mark.parametrize("kind", ["flat", "saturated"])
def test_row_flat_and_saturated_time_is_told_and_taken_out_of_the_denominator(
    night: Made, kind: str
) -> None:
    digital = emg(3600)
    digital[: 1800 * RATE_HZ] = 0 if kind == "flat" else 32767
    made = night(leg(digital))
    said = made.report()
    (finding,) = [f for f in said["findings"] if f["code"] == f"emg.{kind}"]
    assert finding["severity"] == "warning"
    assert "50.0 % of the time" in finding["message"]
    rate = said["indices"]["legs"]["lm_index_recording"]
    assert rate["denominator_h"] == pytest.approx(0.5, abs=0.001)
    assert min(onsets(said)) >= 1800
    shares = made.check()["channels"][0]["shares"]
    assert shares[kind] == pytest.approx(0.5, abs=0.03)


def test_row_mains_larger_than_the_signal_is_told_and_makes_no_movement(night: Made) -> None:
    hum = 3000 * np.sin(2 * np.pi * 50 * np.arange(60 * RATE_HZ) / RATE_HZ + 0.3)
    made = night(leg((emg(60) + hum).astype(int)))
    said = made.report()
    (finding,) = [f for f in said["findings"] if f["code"] == "emg.mains"]
    assert "50 Hz" in finding["message"]
    assert len(said["movements"]) <= 7
    checked = made.check()
    assert checked["channels"][0]["shares"]["mains"] == 1.0
    assert codes(checked, "check.mains") == [("warning", "check.mains")]


# a file with gaps


def gapped(night: Made) -> Night:
    """Return 10 + 10 + 20 s of recording with a gap of 30.5 s and one of 300 s; quiet but for."""
    digital = emg(40) // 20
    rng = np.random.default_rng(2)
    for onset_s in (4.0, 9.5, 14.0, 25.0, 35.0):
        at = slice(round(onset_s * RATE_HZ), round((onset_s + 1.0) * RATE_HZ))
        digital[at] = rng.normal(0, 400, RATE_HZ)
    starts = [*range(10), *(40.5 + k for k in range(10)), *(350.5 + k for k in range(20))]
    return night(leg(digital), stamps(starts), reserved="EDF+D")


def test_row_gaps_segments_have_their_true_times(night: Made) -> None:
    made = gapped(night)
    parts = [{"start_s": 0, "duration_s": 10}, {"start_s": 40.5, "duration_s": 10}]
    parts.append({"start_s": 350.5, "duration_s": 20})
    said = made.report()
    assert said["recording"]["segments"] == parts
    assert said["recording"]["duration_s"] == 370.5
    assert codes(said) == [("info", "edf.gaps")]
    checked = made.check()
    assert (checked["format"], checked["segments"]) == ("EDF+D", parts)
    assert (checked["duration_s"], checked["recorded_s"]) == (370.5, 40)


def test_row_gaps_no_movement_interval_or_series_spans_one(night: Made) -> None:
    said = gapped(night).report()
    # the movement at 9.5 s lasts 1 s, half of it in the first segment
    spans = [(round(row["onset_s"], 1), round(row["end_s"], 1)) for row in said["movements"]]
    assert spans[0] == (4.0, 5.0)
    assert all(end <= 10 or onset >= 40.5 for onset, end in spans)
    assert all(end <= 50.5 or onset >= 350.5 for onset, end in spans)
    assert [round(onset, 1) for onset, _ in spans if onset > 60] == [355.5, 365.5]
    first_after = next(row for row in said["movements"] if row["onset_s"] >= 350)
    assert first_after["imi_s"] is None
    assert said["movements"][-1]["imi_s"] == pytest.approx(10, abs=0.1)


def test_row_gaps_the_denominator_is_what_was_recorded(night: Made) -> None:
    said = gapped(night).report()
    rate = said["indices"]["legs"]["lm_index_recording"]
    assert rate["denominator_h"] == pytest.approx(40 / 3600, abs=1e-4)
    assert rate["value"] == pytest.approx(len(said["movements"]) * 90, rel=0.01)


def test_row_gaps_the_report_lists_the_segments(night: Made) -> None:
    made = gapped(night)
    code, out, _ = made.run("report", str(made.path), "--full")
    assert code == 0
    assert "22:21:20" in out
    made.run("report", str(made.path), "--out", str(made.path.parent / "out"))
    page = (made.path.parent / "out" / "report.html").read_text(encoding="utf-8")
    assert "22:21:20" in page


def test_row_gaps_times_that_cannot_be_sure_are_refused(night: Made) -> None:
    for starts, found in (
        ([*range(19), 18.5], "inside the record before"),
        ([*range(19), 31e6], "a start at 3.1e+07 s"),
        ([9e15, *range(19)], "found a start"),
    ):
        made = night(leg(), stamps(starts), reserved="EDF+D", name="gaps.edf")
        assert found in made.error()
    assert "no time stamp" in night(leg(), reserved="EDF+D").error()


# what a header claims costs nothing


HOSTILE = {
    "a rate of a gigahertz": {"record_s": "2e-7"},
    "a rate of a megahertz": {"record_s": "0.0002"},
    "99999999 records": {"n_records": "99999999"},
    "a header of 99999999 bytes": {"header_bytes": "99999999"},
    "9999 signals": {"ns": "9999"},
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see memory")
@pytest.mark.parametrize("claim", first_of(HOSTILE))
def test_memory_follows_the_size_of_the_file_whatever_the_header_claims(
    tmp_path: Path, claim: str
) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(edf_bytes([leg()], **HOSTILE[claim]))
    code = (
        "import atexit, resource, sys; from psgkit.cli import main\n"
        # ru_maxrss would count what this process had before it became another
        "peak = lambda: open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        "atexit.register(lambda: sys.stderr.write('\\npeak ' + peak()))\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({2**31}, {2**31}))\n"
        f"resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        f"sys.argv = ['psgkit', sys.argv[1], {str(path)!r}, '--json']\nmain()\n"
    )
    for command in ("check", "report"):
        done = subprocess.run(
            [sys.executable, "-c", code, command], capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 3), done.stderr[-500:]
        assert int(done.stderr.rsplit("peak ", 1)[1]) < 1e6
