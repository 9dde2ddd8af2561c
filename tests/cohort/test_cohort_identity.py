"""What a night of a cohort is called: as stated, else by a hash, never by a file name."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgkit.cohort.plan.night_identity import NightIdentity, identity_of, safe_name

DIGITS = "0123456789abcdef"


@given(st.text(max_size=300))
def test_a_safe_name_is_safe_and_stays_as_it_is(text: str) -> None:
    name = safe_name(text)
    assert safe_name(name) == name
    assert len(name.encode()) <= 101
    assert not set(name) & set('/\\:*?"<>| \t\n\0')
    assert not name.startswith((".", "-"))


@pytest.mark.parametrize("text", ["..", "../..", "/", "\\", "", " . "])
def test_a_name_that_leads_out_of_a_folder_leaves_nothing(text: str) -> None:
    assert safe_name(text) == ""


def test_a_night_is_called_by_subject_session_and_run() -> None:
    night = identity_of(("P 7", "2", "1"), DIGITS, ".EDF", {"group": "rls"})
    assert (night.night_id, night.recording) == ("P-7_2_1", "P-7_2_1.edf")
    assert (night.subject, night.session) == ("P 7", "2")
    assert dict(night.extra) == {"run": "1", "group": "rls"}


@pytest.mark.parametrize("subject", ["", "??", "../"])
def test_without_a_subject_that_can_be_written_a_night_is_called_by_its_hash(subject: str) -> None:
    assert identity_of((subject, "2", ""), DIGITS, ".edf", {}).night_id == DIGITS[:12]


def test_an_identity_survives_the_journey_to_a_worker() -> None:
    night = identity_of(("7", "", ""), DIGITS, ".edf", {"group": "rls"})
    assert pickle.loads(pickle.dumps(night)) == night


@pytest.mark.parametrize("name", ["", "../x", "a b", "con"])
def test_an_identity_with_an_unsafe_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="safe file name"):
        NightIdentity(night_id=name)
