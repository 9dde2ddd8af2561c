"""EDF and BDF headers: what they say, and what is said about those that are odd."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from edf_maker import DATE_OFFSET, annotations, edf_bytes, ordinary, physical, tal, write

from psgkit.core.recording import Recording
from psgkit.io.edf.read import read_edf

NUMBERS = np.arange(40) - 20


def opened(folder: Path, raw: bytes) -> Recording:
    path = folder / "night.edf"
    path.write_bytes(raw)
    return read_edf(path)


def codes(recording: Recording) -> list[tuple[str, str]]:
    return [(finding.severity, finding.code) for finding in recording.findings]


def test_a_plain_file_gives_its_channels_its_start_and_no_finding(tmp_path: Path) -> None:
    leg = ordinary(NUMBERS, label="EMG LAT", prefilter="HP:10Hz")
    ecg = ordinary(NUMBERS[:20], 2, label="ECG", physical_min="-5", physical_max="5.5", unit="mV")
    found = opened(tmp_path, edf_bytes([leg, ecg], record_s="0.5"))
    assert found.source == "night.edf"
    assert found.start == datetime(2024, 3, 2, 22, 15, 30)
    assert found.duration_s == 5.0
    assert [(c.label, c.rate_hz, c.stored_unit, c.unit) for c in found.channels] == [
        ("EMG LAT", 8.0, "uV", "uV"),
        ("ECG", 4.0, "mV", "uV"),
    ]
    first, second = found.channels
    assert first.samples[:].tolist() == NUMBERS.tolist()
    np.testing.assert_allclose(second.samples[:], 1000 * physical(ecg), rtol=1e-6, atol=1e-3)
    assert second.limits == (-5000.0, 5500.0)
    assert second.resolution == pytest.approx(10500 / 65535)
    assert found.findings == ()


def test_bdf_is_read_with_24_bits(tmp_path: Path) -> None:
    stored = np.array([-(2**23), -1, 0, 1, 255, 256, 65536, 2**23 - 1])
    signal = ordinary(
        stored,
        physical_min="-262144",
        physical_max="262143",
        digital_min="-8388608",
        digital_max="8388607",
    )
    found = opened(tmp_path, edf_bytes([signal], sample_bytes=3))
    np.testing.assert_allclose(found.channels[0].samples[:], physical(signal), rtol=1e-9, atol=1e-6)
    assert found.findings == ()


@pytest.mark.parametrize(
    ("kind", "sample_bytes", "label"),
    [("EDF+C", 2, "EDF Annotations"), ("BDF+C", 3, "BDF Annotations")],
)
def test_annotation_signals_are_no_channels(
    tmp_path: Path, kind: str, sample_bytes: int, label: str
) -> None:
    notes = annotations([tal(f"+{i}") for i in range(10)], label=label)
    raw = edf_bytes([ordinary(NUMBERS), notes], reserved=kind, sample_bytes=sample_bytes)
    found = opened(tmp_path, raw)
    assert found.labels() == ["EMG"]
    assert found.channels[0].samples[:].tolist() == NUMBERS.tolist()
    assert found.findings == ()


def test_a_discontinuous_file_keeps_its_true_times(tmp_path: Path) -> None:
    starts = [0, 1, 2, 60, 61, 62, 63, 3600, 3601, 3602]
    notes = annotations([tal(f"+{start}") for start in starts])
    found = opened(tmp_path, edf_bytes([ordinary(NUMBERS), notes], reserved="EDF+D"))
    assert [(s.start_s, s.duration_s) for s in found.segments] == [(0, 3), (60, 4), (3600, 3)]
    assert found.duration_s == 3603.0
    parts = found.signals(found.channels[0])
    assert [part.start_s for part in parts] == [0.0, 60.0, 3600.0]
    assert np.concatenate([part.samples[:] for part in parts]).tolist() == NUMBERS.tolist()
    assert codes(found) == [("info", "edf.gaps")]


def test_a_file_that_may_have_gaps_but_has_none_is_one_segment(tmp_path: Path) -> None:
    notes = annotations([tal(f"+{i}.0004") for i in range(10)])
    found = opened(tmp_path, edf_bytes([ordinary(NUMBERS), notes], reserved="EDF+D"))
    assert len(found.segments) == 1
    assert found.findings == ()


@pytest.mark.parametrize(
    ("changes", "cut", "code", "records"),
    [
        ({}, 3, "edf.truncated", 9),
        ({"n_records": 11}, 0, "edf.truncated", 10),
        ({"n_records": 4}, 0, "edf.trailing_bytes", 4),
        ({"tail": b"12345"}, 0, "edf.trailing_bytes", 10),
        ({"n_records": -1}, 0, "edf.record_count", 10),
        ({"n_records": -1}, 3, "edf.record_count", 9),
        ({"n_records": "abc"}, 0, "edf.record_count", 10),
    ],
)
def test_only_whole_records_that_the_header_promises_are_read(
    tmp_path: Path, changes: dict[str, object], cut: int, code: str, records: int
) -> None:
    raw = edf_bytes([ordinary(NUMBERS)], **changes)
    found = opened(tmp_path, raw[: len(raw) - cut])
    assert found.channels[0].samples[:].tolist() == NUMBERS[: 4 * records].tolist()
    assert found.duration_s == records
    assert codes(found) == [("warning", code)]
    assert "byte 236" in found.findings[0].where


def test_wrong_header_bytes_are_recomputed(tmp_path: Path) -> None:
    found = opened(tmp_path, edf_bytes([ordinary(NUMBERS)], header_bytes=1024))
    assert found.channels[0].samples[:].tolist() == NUMBERS.tolist()
    assert codes(found) == [("warning", "edf.header_bytes")]
    assert "'1024'" in found.findings[0].message
    assert "512" in found.findings[0].message


def test_a_decimal_comma_is_read_as_a_point(tmp_path: Path) -> None:
    comma = ordinary(NUMBERS, physical_min="-3276,8", physical_max="3276,7")
    point = ordinary(NUMBERS, physical_min="-3276.8", physical_max="3276.7")
    found = opened(tmp_path, edf_bytes([comma], record_s="0,5"))
    np.testing.assert_allclose(found.channels[0].samples[:], physical(point), atol=1e-4)
    assert found.channels[0].rate_hz == 8.0
    assert codes(found) == [("warning", "edf.decimal_comma")] * 3


def test_a_repeated_label_hides_no_channel(tmp_path: Path) -> None:
    signals = [ordinary(NUMBERS + i, label=name) for i, name in enumerate(["EMG"] * 3 + ["EMG-1"])]
    found = opened(tmp_path, edf_bytes(signals))
    assert len(set(found.labels())) == 4
    assert found.labels()[0] == "EMG"
    assert found.labels()[3] == "EMG-1"
    assert [int(c.samples[0:1][0]) for c in found.channels] == [-20, -19, -18, -17]
    assert codes(found) == [("warning", "edf.duplicate_label")]


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("00.00.00", "00.00.00"),
        ("tomorrow", "midnight"),
        ("01.01.24", "26.00.99"),
        ("01.01.24", "24.00.00"),
        ("", ""),
    ],
)
def test_an_impossible_start_is_unknown_and_the_samples_are_read(
    tmp_path: Path, date: str, time: str
) -> None:
    found = opened(tmp_path, edf_bytes([ordinary(NUMBERS)], startdate=date, starttime=time))
    assert found.start is None
    assert found.channels[0].samples[:].tolist() == NUMBERS.tolist()
    assert codes(found) == [("warning", "edf.start_unknown")]
    assert f"byte {DATE_OFFSET}" in found.findings[0].where
    assert repr(date) in found.findings[0].message


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"startdate": "01.01.85"}, datetime(1985, 1, 1, 22, 15, 30)),
        ({"startdate": "31.12.84"}, datetime(2084, 12, 31, 22, 15, 30)),
        ({"starttime": "22:00:01"}, datetime(2024, 3, 2, 22, 0, 1)),
        (
            {"recording": "Startdate 05-NOV-2090 X X X", "startdate": "05.11.90"},
            datetime(2090, 11, 5, 22, 15, 30),
        ),
        (
            {"recording": "Startdate 05-nov-1984 X X", "startdate": "05.11.yy"},
            datetime(1984, 11, 5, 22, 15, 30),
        ),
        ({"recording": "Startdate X X X X"}, datetime(2024, 3, 2, 22, 15, 30)),
    ],
)
def test_start_follows_the_clipping_year_and_the_plus_field(
    tmp_path: Path, fields: dict[str, object], wanted: datetime
) -> None:
    found = opened(tmp_path, edf_bytes([ordinary(NUMBERS)], **fields))
    assert found.start == wanted
    assert found.findings == ()


def test_inverted_polarity_is_read_as_written(tmp_path: Path) -> None:
    signal = ordinary(NUMBERS, physical_min="32767", physical_max="-32768")
    found = opened(tmp_path, edf_bytes([signal]))
    np.testing.assert_allclose(found.channels[0].samples[:], physical(signal), atol=1e-2)
    assert found.channels[0].samples[0:1][0] > 0
    assert found.channels[0].limits == (-32768.0, 32767.0)
    assert found.channels[0].resolution == 1.0
    assert codes(found) == [("info", "edf.polarity")]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"physical_min": "7", "physical_max": "7"}, "both 7"),
        ({"digital_min": "5", "digital_max": "5"}, "digital minimum 5"),
        ({"digital_min": "5", "digital_max": "-5"}, "digital minimum 5"),
        ({"physical_min": "nan"}, "not a number"),
        ({"physical_max": "inf"}, "not a number"),
        ({"physical_max": ""}, "not a number"),
        ({"digital_max": "x"}, "not a number"),
        ({"physical_max": "1e308"}, "no recorder"),
        ({"physical_min": "0", "physical_max": "1e-40"}, "no recorder"),
    ],
)
def test_a_channel_whose_scale_is_unknown_is_refused_and_the_others_are_read(
    tmp_path: Path, fields: dict[str, object], why: str
) -> None:
    bad = ordinary(NUMBERS, label="bad", **fields)
    found = opened(tmp_path, edf_bytes([bad, ordinary(NUMBERS)]))
    refused, good = found.channels
    assert refused.status == "refused"
    assert why in refused.reason
    assert refused.limits is None
    assert refused.resolution is None
    assert good.status == "ignored"
    assert good.samples[:].tolist() == NUMBERS.tolist()
    assert codes(found) == [("error", "edf.scaling")]
    assert "'bad'" in found.findings[0].where


def test_a_channel_without_samples_is_refused(tmp_path: Path) -> None:
    empty = ordinary([], 0, label="empty")
    found = opened(tmp_path, edf_bytes([empty, ordinary(NUMBERS)]))
    assert found.channel("empty").status == "refused"
    assert found.channel("EMG").samples[:].tolist() == NUMBERS.tolist()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_label_that_is_not_ascii_is_decoded(tmp_path: Path, encoding: str) -> None:
    signal = ordinary(NUMBERS, label="Tib. é".encode(encoding), unit="µV".encode(encoding))
    found = opened(tmp_path, edf_bytes([signal], patient="Müller".encode(encoding)))
    assert found.labels() == ["Tib. é"]
    assert found.channels[0].unit == "uV"
    assert found.channels[0].samples[:].tolist() == NUMBERS.tolist()
    assert [code for _, code in codes(found)] == ["edf.encoding"]


def test_a_patient_field_in_any_form_is_no_fault(tmp_path: Path) -> None:
    found = opened(tmp_path, edf_bytes([ordinary(NUMBERS)], patient="Jane Doe, 1.1.70 / 42"))
    assert found.findings == ()


def test_fields_padded_with_nul_are_read(tmp_path: Path) -> None:
    raw = edf_bytes([ordinary(NUMBERS, label=b"LAT\x00", per_record=4, unit=b"uV\x00")])
    found = opened(tmp_path, raw)
    assert found.labels() == ["LAT"]
    assert found.channels[0].unit == "uV"


def test_a_file_of_annotations_alone_may_have_records_of_no_length(tmp_path: Path) -> None:
    notes = annotations([tal("+0") + tal("+30", "Sleep stage W", duration="30")])
    found = opened(tmp_path, edf_bytes([notes], record_s=0, reserved="EDF+C"))
    assert found.annotations.text == ("Sleep stage W",)
    assert found.duration_s == 0.0
    assert found.findings == ()


def test_a_recording_that_says_it_is_simulated_is_told_apart(tmp_path: Path) -> None:
    raw = edf_bytes([ordinary(NUMBERS)], recording="Startdate X X X SIMULATED_rls")
    assert codes(opened(tmp_path, raw)) == [("info", "edf.simulated")]


def test_every_finding_names_the_file(tmp_path: Path) -> None:
    bad = ordinary(NUMBERS, label="é", physical_min="0", physical_max="0")
    raw = edf_bytes([bad, bad], header_bytes=1, n_records=-1, startdate="x", record_s="0,5")
    path = tmp_path / "odd.edf"
    path.write_bytes(raw)
    found = read_edf(path)
    assert len(found.findings) == 8
    assert all(finding.where.startswith("odd.edf: ") for finding in found.findings)


def test_files_of_other_programs_are_read_without_a_warning(shared: Path) -> None:
    folder = shared / "data" / "odd-edf"
    for name in ("test.bdf", "short_psg.edf", "short_psg.bdf", "test_generator.bdf"):
        found = read_edf(folder / name)
        assert not [f for f in found.findings if f.severity != "info"], name


def test_write_and_read_agree_on_the_number_of_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "many.edf", [ordinary([1, 2], 1, label=f"C{i}") for i in range(300)])
    assert read_edf(path).labels() == [f"C{i}" for i in range(300)]
