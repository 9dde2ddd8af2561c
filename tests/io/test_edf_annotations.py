"""Annotations of EDF+ files: all that can be decoded, in time order, from the first sample."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from edf_maker import annotations, edf_bytes, ordinary, tal
from hypothesis import given
from hypothesis import strategies as st

from psgkit.core.recording import Recording
from psgkit.errors import InputFileError
from psgkit.io.edf.annotations import decode_record, time_stamps
from psgkit.io.edf.read import read_edf
from psgkit.io.scoring.read import read_scoring

LEG = ordinary(np.arange(12))
START = datetime(2024, 3, 2, 22, 15, 30)


def opened(folder: Path, *signals: dict[str, object], kind: str = "EDF+C") -> Recording:
    path = folder / "night.edf"
    path.write_bytes(edf_bytes(signals, reserved=kind))
    return read_edf(path)


def rows(recording: Recording) -> list[tuple[float, float, str]]:
    marks = recording.annotations
    return list(zip(marks.onset_s, marks.duration_s, marks.text, strict=True))


@pytest.mark.parametrize("order", [1, -1], ids=["last", "first"])
def test_annotations_come_in_time_order_whatever_record_they_lie_in(
    tmp_path: Path, order: int
) -> None:
    notes = annotations(
        [
            tal("+0") + tal("+2.5", "Limb movement", duration="1.25"),
            tal("+1") + tal("+0.25", "EEG arousal", duration="3") + tal("-5", "before"),
            tal("+2") + tal("+0.25", "Hypopnea", duration="10"),
        ],
        40,
    )
    found = opened(tmp_path, *[LEG, notes][::order])
    assert rows(found) == [
        (-5.0, 0.0, "before"),
        (0.25, 3.0, "EEG arousal"),
        (0.25, 10.0, "Hypopnea"),
        (2.5, 1.25, "Limb movement"),
    ]
    assert found.channels[0].samples[:].tolist() == list(range(12))
    assert found.findings == ()


def test_one_list_may_hold_several_texts(tmp_path: Path) -> None:
    notes = annotations([tal("+0") + tal("+1", "Lights off", "Start", duration="2"), b"", b""])
    assert rows(opened(tmp_path, LEG, notes)) == [(1.0, 2.0, "Lights off"), (1.0, 2.0, "Start")]


def test_the_list_that_keeps_time_may_hold_texts_too(tmp_path: Path) -> None:
    notes = annotations([b"+0\x14\x14Recording starts\x14\x00", tal("+1"), tal("+2")])
    found = opened(tmp_path, LEG, notes)
    assert rows(found) == [(0.0, 0.0, "Recording starts")]
    assert found.findings == ()


def test_texts_are_utf_8_and_else_latin_1(tmp_path: Path) -> None:
    notes = annotations(
        [
            tal("+0") + tal("+0.5", "Éveil \N{SNOWMAN}"),
            tal("+1") + b"+1.5\x14\xc9veil\x14\x00",
            tal("+2"),
        ]
    )
    assert [text for *_, text in rows(opened(tmp_path, LEG, notes))] == [
        "Éveil \N{SNOWMAN}",
        "Éveil",
    ]


def test_all_annotation_signals_are_read(tmp_path: Path) -> None:
    first = annotations([tal("+0") + tal("+2", "late"), tal("+1"), tal("+2")])
    second = annotations([tal("+0.5", "early"), b"", tal("+1.5", "middle")])
    found = opened(tmp_path, first, LEG, second)
    assert [text for *_, text in rows(found)] == ["early", "middle", "late"]
    assert found.duration_s == 3.0


def test_a_start_between_two_seconds_is_added_to_the_clock(tmp_path: Path) -> None:
    stamps = [tal("+0.25") + tal("+0.75", "half a second in"), tal("+1.25"), tal("+2.25")]
    found = opened(tmp_path, LEG, annotations(stamps))
    assert found.start == START.replace(microsecond=250000)
    assert rows(found) == [(0.5, 0.0, "half a second in")]
    assert found.segments[0].start_s == 0.0
    assert found.findings == ()


def test_times_of_a_discontinuous_file_count_from_its_first_sample(tmp_path: Path) -> None:
    stamps = [tal("+5.5"), tal("+60") + tal("+60.5", "x"), tal("+61")]
    found = opened(tmp_path, LEG, annotations(stamps), kind="EDF+D")
    assert found.start == START.replace(second=35, microsecond=500000)
    assert [s.start_s for s in found.segments] == [0.0, 54.5]
    assert rows(found) == [(55.0, 0.0, "x")]


@pytest.mark.parametrize(
    "stamps", [("+0", "+10", "+20"), ("+5", "+6", "+7"), ("-0.5", "+0.5", "+1.5"), ("", "+7", "")]
)
def test_a_continuous_file_whose_records_state_other_times_says_so(
    tmp_path: Path, stamps: tuple[str, ...]
) -> None:
    notes = annotations([tal(stamp) if stamp else b"" for stamp in stamps])
    found = opened(tmp_path, LEG, notes)
    assert [(f.severity, f.code) for f in found.findings] == [("warning", "edf.timekeeping")]
    assert found.duration_s == 3.0
    assert found.start == START


@pytest.mark.parametrize(
    "broken",
    [
        b"+1,5\x14comma\x14\x00",
        b"abc\x14no onset\x14\x00",
        b"1.5\x14no sign\x14\x00",
        b"+1.5\x14not closed\x00",
        b"+1.5 no text\x00",
        b"+1.5\x15-3\x14negative duration\x14\x00",
        b"+" + b"9" * 400 + b"\x14beyond numbers\x14\x00",
        bytes(range(1, 20)) + b"\x00",
        b"\xff\xfe\xfd\x80\x00",
    ],
)
def test_what_cannot_be_decoded_is_counted_and_the_rest_is_kept(
    tmp_path: Path, broken: bytes
) -> None:
    notes = annotations(
        [tal("+0") + broken + tal("+0.5", "kept"), tal("+1") + broken, tal("+2", "x")], 250
    )
    found = opened(tmp_path, LEG, notes)
    assert [text for *_, text in rows(found)] == ["kept", "x"]
    assert [f.code for f in found.findings] == ["edf.annotations"]
    assert "2 entries could not be decoded" in found.findings[0].message
    assert "2 were read" in found.findings[0].message
    assert found.channels[0].samples[:].tolist() == list(range(12))


def test_random_bytes_for_annotations_leave_the_samples_alone(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (3, 60), dtype=np.uint8)
    found = opened(tmp_path, annotations([row.tobytes() for row in noise]), LEG)
    assert found.channels[0].samples[:].tolist() == list(range(12))


def test_an_annotation_signal_without_room_is_read_past(tmp_path: Path) -> None:
    found = opened(tmp_path, LEG, annotations([b""] * 3, 0))
    assert found.channels[0].samples[:].tolist() == list(range(12))
    assert len(found.annotations) == 0


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\x14\x15"), min_size=1, max_size=8
).filter(str.strip)
times = st.decimals(-9999, 99999, places=3)


@given(st.lists(st.tuples(times, st.none() | st.decimals(0, 999, places=2), texts), max_size=5))
def test_a_record_gives_back_what_was_put_into_it(
    entries: list[tuple[object, object, str]],
) -> None:
    record = tal("+30") + b"".join(
        tal(f"{onset:+f}", text, duration="" if duration is None else f"{duration:f}")
        for onset, duration, text in entries
    )
    starts, found, broken = decode_record(record + bytes(7))
    assert (starts, broken) == ([30.0], 0)
    assert found == [
        (float(onset), float(duration or 0), text.strip()) for onset, duration, text in entries
    ]


@pytest.mark.parametrize(
    ("limit", "most", "kept"),
    [
        ("MOST_ANNOTATIONS", 6, True),
        ("MOST_ANNOTATIONS", 5, False),
        ("MOST_TEXT_BYTES", 42, True),
        ("MOST_TEXT_BYTES", 41, False),
    ],
)
def test_of_too_many_annotations_none_is_kept_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, *, kept: bool
) -> None:
    monkeypatch.setattr(f"psgkit.io.edf.annotations.{limit}", most)
    notes = annotations(
        [tal(f"+{second}") + tal("+0.5", "arousal", "apnoea.") for second in (0, 1, 3)], 40
    )
    found = opened(tmp_path, LEG, notes, kind="EDF+D")
    # where records start is known all the same, and so are gaps and signals
    assert [(one.start_s, one.duration_s) for one in found.segments] == [(0.0, 2.0), (3.0, 1.0)]
    assert found.channels[0].samples[:].tolist() == list(range(12))
    assert len(found.annotations) == (6 if kept else 0)
    told = [one for one in found.findings if one.code == "edf.annotations_dropped"]
    assert [one.severity for one in told] == ([] if kept else ["error"])
    assert kept or told[0].message.startswith("6 annotations, more than")
    if not kept:
        with pytest.raises(InputFileError, match="6 annotations, more than"):
            read_scoring(tmp_path / "night.edf")


@given(st.binary(max_size=60))
def test_any_bytes_decode_to_something(record: bytes) -> None:
    starts, entries, broken = decode_record(record)
    assert broken <= record.count(b"\x00") + 1
    assert np.isfinite([*starts, *(onset for onset, *_ in entries)]).all()


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.from_regex(rb"[+-]?[0-9.]{0,34}\x14{0,3}[0-9]?", fullmatch=True),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_block_of_time_stamps_is_read_as_they_are_one_by_one(records: list[bytes]) -> None:
    lists = np.array(records, dtype=np.bytes_)
    is_stamp, start_s = time_stamps(lists)
    for record, found, start in zip(lists.tolist(), is_stamp, start_s, strict=True):
        assert np.isfinite(start) == found
        if found:
            assert decode_record(record) == ([start], [], 0)


def test_usual_time_stamps_are_known_at_once() -> None:
    usual = [b"+0\x14\x14", b"+604799.5\x14\x14", b"-3\x14\x14", b"+1.\x14\x14"]
    is_stamp, start_s = time_stamps(np.array([*usual, b"+0\x14\x14\x00+1\x14a\x14"]))
    assert is_stamp.tolist() == [True, True, True, True, False]
    assert start_s[:4].tolist() == [0.0, 604799.5, -3.0, 1.0]


def test_annotations_of_real_files_equal_those_of_mne(shared: Path) -> None:
    import mne

    folder = shared / "data" / "multi-scorer-hypnograms"
    for path in sorted(folder.glob("*.edf"))[:2]:
        theirs = mne.read_annotations(path)
        found = read_edf(path).annotations
        assert found.text == tuple(theirs.description)
        assert found.onset_s == pytest.approx(theirs.onset)
        assert found.duration_s == pytest.approx(theirs.duration)


def test_a_start_between_two_seconds_of_a_real_file(shared: Path) -> None:
    found = read_edf(shared / "data" / "odd-edf" / "test_subsecond.edf")
    assert found.start == datetime(2020, 1, 24, 4, 5, 56, 394531)
    # stored as +2.3457031, from the whole second; the first sample is at +0.3945312
    assert found.annotations.onset_s[0] == pytest.approx(1.9511719, abs=1e-7)
