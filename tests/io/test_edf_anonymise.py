"""Copies without names and dates: what is gone, what is kept, and what is refused."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edf_maker import SignalFields, annotations, edf_bytes, ordinary, tal
from hypothesis import given
from hypothesis import strategies as st

from psgkit.errors import EdfFormatError
from psgkit.io.edf.anonymise import (
    AnonymiseError,
    anonymise_edf,
    clean_annotations,
    hashed_name,
    known_text,
    unknown_labels,
)
from psgkit.io.edf.read import read_edf

NUMBERS = np.arange(40) - 20
NAMES: dict[str, Any] = {
    "patient": "MCH-0234567 F 02-MAY-1951 Haagse_Harry",
    "recording": "Startdate 02-MAR-2024 EMG561 BK/JOP Sony_MNC_R_Mk2",
    "reserved": "EDF+C Haagse",
}
SECRETS = [b"MCH", b"0234567", b"1951", b"Haagse", b"Harry", b"2024", b"02.03.24", b"EMG561", b"BK"]
SECRETS += [b"JOP", b"Sony", b"serial", b"9987", b"cough", b"Smit"]


def notes(*texts: str) -> SignalFields:
    rows = [tal("+0") + b"".join(tal(f"+{k}.5", text) for k, text in enumerate(texts))]
    return annotations([*rows, *(tal(f"+{k}") for k in range(1, 10))], 200)


def anonymised(folder: Path, raw: bytes) -> tuple[bytes, Path]:
    path, target = folder / "Haagse Harry.edf", folder / "copies" / "a.edf"
    path.write_bytes(raw)
    anonymise_edf(path, target)
    assert path.read_bytes() == raw
    return target.read_bytes(), target


def full(**signal: object) -> bytes:
    fields = {
        "label": "EMG LAT",
        "transducer": "AgAgCl serial 9987",
        "prefilter": "HP:10Hz LP:70Hz",
    }
    said = notes("Sleep stage N2", "Mr Smit coughs", "EEG arousal@@EMG LAT", "Lights off@@Smit")
    return edf_bytes([ordinary(NUMBERS, **(fields | signal)), said], tail=b"Harry", **NAMES)


def test_no_name_date_number_or_free_text_is_left_in_any_byte(tmp_path: Path) -> None:
    raw = full()
    copy, _ = anonymised(tmp_path, raw)
    for secret in SECRETS:
        assert secret.lower() not in copy.lower(), secret
    assert len(copy) == len(raw) - len(b"Harry")


def test_samples_labels_ranges_the_time_of_day_and_known_annotations_are_kept(
    tmp_path: Path,
) -> None:
    _, target = anonymised(tmp_path, full())
    found = read_edf(target)
    assert found.start == datetime(1985, 1, 1, 22, 15, 30)
    assert found.annotations.text == ("Sleep stage N2", "EEG arousal@@EMG LAT", "Lights off")
    assert found.annotations.onset_s == (0.5, 2.5, 3.5)
    (channel,) = found.channels
    assert (channel.label, channel.unit, channel.rate_hz) == ("EMG LAT", "uV", 4.0)
    assert channel.samples[:].tolist() == NUMBERS.tolist()
    assert found.findings == ()
    assert b"HP:10Hz LP:70Hz" in target.read_bytes()


def test_records_keep_their_times_and_gaps(tmp_path: Path) -> None:
    starts = [0.25, 1.25, 2.25, 60.5, 61.5]
    said = annotations([tal(f"+{start}") + tal(f"+{start}", "Jane") for start in starts], 40)
    raw = edf_bytes([ordinary(np.arange(20)), said], reserved="EDF+D", patient="X F X Jane")
    _, target = anonymised(tmp_path, raw)
    found = read_edf(target)
    assert [(s.start_s, s.duration_s) for s in found.segments] == [(0, 3), (60.25, 2)]
    assert len(found.annotations) == 0


def test_a_simulated_night_stays_one(tmp_path: Path) -> None:
    raw = edf_bytes([ordinary(NUMBERS)], recording="Startdate X X X SIMULATED_rls")
    _, target = anonymised(tmp_path, raw)
    assert [finding.code for finding in read_edf(target).findings] == ["edf.simulated"]


def test_a_filter_field_with_words_in_it_is_emptied(tmp_path: Path) -> None:
    copy, _ = anonymised(tmp_path, full(prefilter="HP:10Hz set by Smit"))
    assert b"HP" not in copy


@pytest.mark.parametrize("label", ["EMG Harry", "Leg 0234567"])
def test_a_label_that_names_the_person_is_an_error_and_no_copy(tmp_path: Path, label: str) -> None:
    with pytest.raises(AnonymiseError, match=r"label of signal 1 \(byte 256\)"):
        anonymised(tmp_path, full(label=label))
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.mark.parametrize(
    "label", ["EDF annotations", "edf annotations", "EDF_Annotations", "EDF Annotation", "Notes"]
)
def test_free_text_is_blanked_whatever_its_signal_is_called(tmp_path: Path, label: str) -> None:
    raw = full().replace(b"EDF Annotations ", label.encode().ljust(16))
    copy, _ = anonymised(tmp_path, raw)
    assert [secret for secret in SECRETS if secret in copy] == []


@pytest.mark.parametrize(("at", "width"), [(176, 8), (236, 8), (244, 8), (252, 4), (184, 8)])
@pytest.mark.parametrize("name", [b"Haag", b"Har"])
def test_no_text_stays_in_a_field_of_times_and_numbers(
    tmp_path: Path, at: int, width: int, name: bytes
) -> None:
    raw = bytearray(full())
    written = bytes(raw[at : at + width]).strip()
    if at == 176:
        written = b"22.1"
    elif at == 236:
        written = b"-1"
    raw[at : at + width] = (written + b" " + name)[:width].ljust(width)
    path = tmp_path / "a.edf"
    path.write_bytes(raw)
    try:
        copy = anonymise_edf(path, tmp_path / "copies" / "a.edf").read_bytes()
    except EdfFormatError:
        # a file whose records cannot be located is not copied
        return
    assert name not in copy[:256]


@pytest.mark.parametrize("label", ["EMG Haags", "EMG Haagsex", "HaagseHarry"])
def test_a_label_that_holds_a_part_of_the_name_is_an_error(tmp_path: Path, label: str) -> None:
    with pytest.raises(AnonymiseError, match="label of signal 1"):
        anonymised(tmp_path, full(label=label))
    assert not (tmp_path / "copies" / "a.edf").exists()


def test_a_plain_edf_and_a_bdf_are_emptied_too(tmp_path: Path) -> None:
    for sample_bytes in (2, 3):
        fields = NAMES | {"reserved": "" if sample_bytes == 2 else "24BIT"}
        raw = edf_bytes([ordinary(NUMBERS)], sample_bytes=sample_bytes, **fields)
        copy, target = anonymised(tmp_path, raw)
        assert not [secret for secret in SECRETS if secret in copy]
        assert read_edf(target).channels[0].samples[:].tolist() == NUMBERS.tolist()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Sleep stage R", "Sleep stage R"),
        ("N2", "N2"),
        ("Limb movement@@EMG LAT", "Limb movement@@EMG LAT"),
        ("Limb movement@@Jane", "Limb movement"),
        ("Obstructive apnea|Jane", "Obstructive apnea"),
        ("\u00c9veil", ""),
        ("Hypopnea, called Dr. Smit", ""),
        ("Sleep stage Jane", ""),
        ("2", ""),
        ("", ""),
    ],
)
def test_only_what_psgkit_knows_is_kept_of_an_annotation(text: str, kept: str) -> None:
    assert known_text(text.encode(), frozenset({"EMG LAT"})).decode() == kept


@given(st.binary(max_size=120))
def test_any_annotation_bytes_keep_their_length_and_lose_what_is_not_known(record: bytes) -> None:
    clean = clean_annotations(record)
    assert len(clean) == len(record)
    assert clean_annotations(clean) == clean


def test_the_name_of_a_copy_follows_from_its_content(tmp_path: Path) -> None:
    for name in ("Jane Doe.EDF", "other.edf"):
        (tmp_path / name).write_bytes(full())
    names = {hashed_name(tmp_path / name) for name in ("Jane Doe.EDF", "other.edf")}
    assert len(names) == 1
    assert len(names.pop()) == 20


# --- by kinds: wherever a name can stand, and however it is written ------------------------------

PERSON = "X F 02-MAY-1951 M\u00fcller_Zvonka"
SPELLINGS = {
    "as it is": "Zvonka",
    "upper case": "ZVONKA",
    "lower case": "zvonka",
    "backwards": "aknovZ",
    "joined before": "EMGZvonka",
    "joined behind": "ZvonkaEMG",
    "accents": "Muller",
    "accents kept": "M\u00fcller",
    "a part": "Zvon",
    "punctuation": "Z/Zvonka",
}
FIELDS = ("label", "unit", "transducer", "prefilter", "signal_reserved")
FIXED_FIELDS = ("recording", "startdate", "starttime", "n_records", "header_bytes", "reserved")


def names_in(copy: bytes) -> list[str]:
    """Return what is left of the name in a copy, whatever its case."""
    said = copy.decode("latin-1").casefold()
    return [part for part in ("zvon", "aknov", "muller", "m\u00fcller", "m\u00c3") if part in said]


@pytest.mark.parametrize(("sample_bytes", "code"), [(2, "latin-1"), (3, "utf-8")])
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("field", [*FIELDS, *FIXED_FIELDS, "annotation", "note in a signal"])
def test_a_name_is_in_no_copy_wherever_it_stood(
    field: str, spelling: str, sample_bytes: int, code: str, tmp_path: Path
) -> None:
    name = SPELLINGS[spelling]
    emg: SignalFields = ordinary(np.arange(60) - 20, 6)
    said = annotations(
        [tal("+0") + tal("+0.5", name), *(tal(f"+{k}") for k in range(1, 10))], 60, label="Notes"
    )
    fixed: dict[str, Any] = {
        "patient": PERSON.encode(code),
        "recording": "Startdate 02-MAR-2024 X X X",
        "reserved": ("EDF+C", "BDF+C")[sample_bytes - 2],
    }
    if field in FIELDS:
        emg[field] = name.encode(code)[: 8 if field == "unit" else 16]
    elif field in FIXED_FIELDS:
        width = 8 if field in ("startdate", "starttime", "n_records", "header_bytes") else 40
        fixed[field] = name.encode(code)[:width]
    raw = edf_bytes([emg, said], sample_bytes=sample_bytes, **fixed)
    if field == "note in a signal":
        note = tal("+3", "Zvonka")
        raw = raw[:786] + note + raw[786 + len(note) :]
    path, target = tmp_path / "in.edf", tmp_path / "copies" / "a.edf"
    path.write_bytes(raw)
    try:
        anonymise_edf(path, target)
    except AnonymiseError:
        # a label or samples cannot be rewritten: no copy
        assert field in ("label", "note in a signal")
        assert not target.exists()
        return
    assert names_in(target.read_bytes()) == []


def test_units_that_are_known_are_kept_and_others_are_not(tmp_path: Path) -> None:
    for unit, kept in (("uV", "uV"), ("cmH2O", "cmH2O"), ("%", "%"), ("Zvonka", "?")):
        _, target = anonymised(tmp_path, full(unit=unit))
        assert read_edf(target).channels[0].unit == kept


def test_labels_with_unknown_words_are_named(tmp_path: Path) -> None:
    _, target = anonymised(tmp_path, full(label="EMG Smithson"))
    assert unknown_labels(target) == ["EMG Smithson"]
    _, target = anonymised(tmp_path, full(label="EMG LAT2-LAT1"))
    assert unknown_labels(target) == []
