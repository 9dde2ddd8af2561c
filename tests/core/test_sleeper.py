"""Age and sex from headers and contexts: what is used, from where, and what is never printed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from edf_maker import ordinary, write

from psgkit import analyse_night, simulate_night
from psgkit.core.sleeper import CONTEXT, HEADER, Sleeper, age_at
from psgkit.document.read import read_report
from psgkit.document.write import night_as_json
from psgkit.io.bridge import as_recording
from psgkit.io.edf.person import sleeper_in
from psgkit.night.files import NightChoice, NightFiles, report_of_files
from psgkit.report.night.content import page_about
from psgkit.report.terminal import page_as_text

_NIGHT = datetime(2022, 10, 24, 22, 0, 0)


@pytest.mark.parametrize(
    ("patient", "age", "sex"),
    [
        ("MCH-0234567 F 02-AUG-1951 Haagse_Harry", 71.0, "female"),
        ("X M 25-OCT-1951 X", 70.0, "male"),
        ("X m 24-oct-1951 X", 71.0, "male"),
        ("X X 02-AUG-1951 X", 71.0, None),
        ("X F X X", None, "female"),
        ("X F X Female_33yr", 33.0, "female"),
        ("X M 02-MAI-1951 X", 71.0, "male"),
        ("X M 01-JAN-1951 X", 71.0, "male"),  # only the year is kept
        ("X X X X", None, None),
        ("", None, None),
    ],
)
def test_what_a_patient_field_states_is_read(
    patient: str, age: float | None, sex: str | None
) -> None:
    found, unused = sleeper_in(patient, "EDF+C", _NIGHT)
    assert (found.age_years, found.sex, unused) == (age, sex, ())
    assert found.age_from == (HEADER if age is not None else "")
    assert found.sex_from == (HEADER if sex is not None else "")


@pytest.mark.parametrize(
    ("patient", "why"),
    [
        ("X F 01-JAN-1900 Smith", "anonymisers write"),
        ("X F 01-JAN-1985 Smith", "anonymisers write"),
        ("X F 30-DEC-1899 Smith", "anonymisers write"),
        ("X F 05-MAR-1911 Smith", "within the 110 years"),
        ("X F 24-OCT-2022 Smith", "within the 110 years"),
        ("X F 24-OCT-2032 Smith", "within the 110 years"),
        ("X F 31-FEB-1951 Smith", "dd-MMM-yyyy"),
        ("X F 1951-08-02 Smith", "dd-MMM-yyyy"),
        ("X W 02-AUG-1951 Smith", "M, F or X"),
        ("M X X", "four parts"),
    ],
)
def test_what_cannot_be_used_has_a_reason_that_shows_nothing_of_the_field(
    patient: str, why: str
) -> None:
    found, unused = sleeper_in(patient, "EDF+C", _NIGHT)
    assert found.age_years is None or "sex" in unused[0]
    assert len(unused) == 1
    assert why in unused[0]
    assert not any(part in unused[0] for part in ("Smith", "1951", "1900", "AUG", "JAN"))


@pytest.mark.parametrize("start", [None, datetime(1985, 1, 1, 22), datetime(2001, 1, 1, 22)])
def test_an_age_needs_the_date_of_the_recording(start: datetime | None) -> None:
    found, unused = sleeper_in("X F 02-AUG-1951 X", "EDF+C", start)
    assert (found.age_years, found.sex) == (None, "female")
    assert "the date of the recording" in unused[0]


def test_free_text_of_plain_edf_is_no_person() -> None:
    assert sleeper_in("Harry F Haagse Senior", "", _NIGHT) == (Sleeper(), ())
    for kind in ("", "EDF+C"):  # recorders write it into EDF+, too
        assert sleeper_in("Doe, Jane *1.1.70 #42", kind, _NIGHT) == (Sleeper(), ())
        assert sleeper_in("Smith", kind, _NIGHT) == (Sleeper(), ())
    assert sleeper_in("X F 02-AUG-1951 X", "", _NIGHT)[0].age_years == 71.0


def test_whole_years_by_the_birthday() -> None:
    assert age_at(date(1980, 2, 29), date(2022, 2, 28))[0] == 41
    assert age_at(date(1980, 2, 29), date(2022, 3, 1))[0] == 42


def _night(folder: Path, patient: str) -> Path:
    samples = np.random.default_rng(1).integers(-20, 20, 256 * 60)
    signal = ordinary(samples, per_record=256, label="EMG LAT")
    return write(
        folder / "night.edf",
        [signal],
        patient=patient,
        recording="Startdate 24-OCT-2022 X X X",
        startdate="24.10.22",
        starttime="22.00.00",
        reserved="EDF+C",
        record_s="1",
    )


def _context(folder: Path, text: str) -> Path:
    path = folder / "subject.toml"
    path.write_text(f"[person]\n{text}\n", encoding="utf-8")
    return path


def test_context_wins_and_a_contradiction_is_a_finding_and_a_caution(tmp_path: Path) -> None:
    path = _night(tmp_path, "X F 02-AUG-1951 Haagse_Harry")
    files = NightFiles(context=_context(tmp_path, 'age = 50\nsex = "male"'))
    night = report_of_files(path, files, NightChoice())
    assert (night.person.age_years, night.person.sex) == (50.0, "male")
    assert (night.person.age_from, night.person.sex_from) == (CONTEXT, CONTEXT)
    said = [one.message for one in night.findings if one.code == "person.differs"]
    assert len(said) == 2
    assert "50 years, the header of the recording 71" in said[0]
    assert "person.differs" in {one.code for one in night.cautions}


def test_the_header_fills_in_what_the_context_leaves_out(tmp_path: Path) -> None:
    path = _night(tmp_path, "X F 02-AUG-1951 Haagse_Harry")
    files = NightFiles(context=_context(tmp_path, "age = 70"))
    night = report_of_files(path, files, NightChoice())
    assert (night.person.age_years, night.person.sex) == (70.0, "female")
    assert not [one for one in night.findings if one.code == "person.differs"]
    shown = page_as_text(page_about(night), width=100, colour=False)
    assert "70, from the context" in shown
    assert "female, from the header of the recording" in shown


def test_no_name_and_no_birthdate_in_any_output(tmp_path: Path) -> None:
    night = report_of_files(
        _night(tmp_path, "MCH42 F 02-AUG-1951 Haagse_Harry"), NightFiles(), NightChoice()
    )
    assert night.person.age_years == 71.0
    text = night_as_json(night) + page_as_text(page_about(night), width=100, colour=False)
    for secret in ("Haagse", "Harry", "MCH42", "AUG-1951", "1951"):
        assert secret not in text
    path = tmp_path / "report.json"
    path.write_text(night_as_json(night), encoding="utf-8")
    assert read_report(path).person == night.person


def test_python_gets_it_too() -> None:
    night = simulate_night("rls", hours=0.1, seed=1)
    known = Sleeper(age_years=33.0, sex="female", age_from=HEADER, sex_from=HEADER)
    recording = replace(night.recording, sleeper=known)
    assert analyse_night(recording, night.hypnogram).person == known
    own = Sleeper(age_years=60.0)
    merged = analyse_night(recording, night.hypnogram, sleeper=own)
    assert (merged.person.age_years, merged.person.sex) == (60.0, "female")
    assert "person.differs" in {one.code for one in merged.findings}


def test_a_subject_of_mne_is_read() -> None:
    mne = pytest.importorskip("mne")
    raw = mne.io.RawArray(np.zeros((1, 512)), mne.create_info(["C4"], 256.0, "eeg"))
    raw.set_meas_date(_NIGHT.replace(tzinfo=UTC))
    raw.info["subject_info"] = {"sex": 2, "birthday": date(1951, 8, 2)}
    found = as_recording(raw).sleeper
    assert (found.age_years, found.sex) == (71.0, "female")
