"""Every sentence of a profile that can be printed: grammar, nothing missing, not too long."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import cases

from psgkit.core.night_report import Profile
from psgkit.core.symptom_diary import (
    MOVING_HELPED,
    SYMPTOM_POSTURES,
    SYMPTOM_SITES,
    SymptomDiary,
    SymptomEntry,
)
from psgkit.profile.answer.matrix import matrix_rows
from psgkit.profile.answer.recorded import Kind, Recorded, recording_sentence
from psgkit.profile.answer.rule import RULE
from psgkit.profile.answer.statement import answer_of_context, with_answer
from psgkit.profile.context.model import (
    Bars,
    Conditions,
    Context,
    Drug,
    Laboratory,
    Response,
    Skin,
    Symptom,
)
from psgkit.profile.context.scale_model import Naranjo
from psgkit.profile.evidence.from_indices import Value
from psgkit.profile.evidence.items import CONDITIONS, STATEMENT, Band, Item, all_evidence
from psgkit.profile.evidence.of_night import Found, _entry, shown

ITEMS = all_evidence().items
LONGEST = 850
"""Letters of the longest sentence, of a context and a diary in which everything was answered."""
ANSWER = st.sampled_from([None, True, False, "partly"])
AGREEMENT = re.compile(
    r"legs is|arms is|(Together|;) a restless back are|; inner restlessness speak "
)
DAY = st.none() | st.integers(-400, 400)
DRUGS = ("amisulpride", "mirtazapine", "sertraline", "pramipexole", "propranolol", "clonazepam")
DRUGS = (*DRUGS, "lithium", "domperidone", "moonshine")


def faults_of(sentence: str, longest: int = LONGEST) -> list[str]:
    """Return what is wrong with a sentence."""
    tests = {
        "no capital": not sentence[:1].isupper() and not sentence[:1].isdigit(),
        "no full stop": not sentence.endswith("."),
        "two full stops": sentence.endswith(".."),
        "a field": bool(re.search(r"[{}]", sentence)),
        "a missing value": bool(re.search(r"\b(None|nan|True|False|null)\b", sentence)),
        "two spaces": "  " in sentence or " ." in sentence or " ," in sentence or " ;" in sentence,
        "nothing between": bool(re.search(r"[;,]\s*[;,.]|\(\s*\)|: *[;.]|\(;", sentence)),
        "a word twice": bool(re.search(r"\b([a-z]{2,}) \1\b", sentence.casefold())),
        "parentheses": sentence.count("(") != sentence.count(")"),
        "one day": bool(re.search(r"\b1 days\b|\b[02-9] day\b", sentence)),
        "an underscore": "_" in sentence,
        "one criterion": bool(re.search(r"criteria \d( \(|;|\))", sentence)),
        "agreement": bool(
            re.search(
                r"legs is|arms is|(Together|;) a restless back are|; inner restlessness speak ",
                sentence,
            )
        ),
        "too long": len(sentence) > longest,
    }
    return [name for name, wrong in tests.items() if wrong]


@pytest.mark.parametrize(
    "sentence",
    [
        "no capital.",
        "No full stop",
        "Nothing; ; here.",
        "Dose None.",
        "After 1 days.",
        "The the back.",
        "On criteria 2 (rest).",
        "Restless legs is open.",
        "Value {value}.",
        "Said ().",
    ],
)
def test_the_walk_finds_faults(sentence: str) -> None:
    assert faults_of(sentence)


def symptoms() -> st.SearchStrategy[tuple[Symptom, ...]]:
    sensations = st.none() | st.lists(
        st.sampled_from(["itching", "crawling", "pain"]), max_size=3, unique=True
    ).map(tuple)
    one = st.builds(
        Symptom,
        site=st.sampled_from(["legs", "arms", "back", "other"]),
        sensations=sensations,
        localised=ANSWER,
        inner_restlessness=ANSWER,
        urge=ANSWER,
        rest=ANSWER,
        relief=ANSWER,
        lying=ANSWER,
        pacing=ANSWER,
        evening=ANSWER,
        not_explained=ANSWER,
        onset=DAY,
        course=st.sampled_from([None, "chronic_persistent"]),
        relieved_by=st.sampled_from([None, ("getting up",), ("walking",)]),
    )
    return st.lists(one, max_size=3, unique_by=lambda symptom: symptom.site).map(tuple)


def contexts() -> st.SearchStrategy[Context]:
    names = st.sampled_from(DRUGS)
    dose = st.sampled_from([None, 20.0, 90.0])
    drug = st.builds(Drug, name=names, dose=dose, unit=st.just("mg/day"), start=DAY, stop=DAY)
    response = st.builds(
        Response,
        change=st.sampled_from(["started", "stopped", "dose_raised", "dose_reduced"]),
        drug=names,
        words=st.sampled_from([None, "0.6 to 0.4 g/day"]),
        effect=st.sampled_from([None, "gone", "relieved", "no_change", "worse"]),
        after_days=st.sampled_from([None, 0.0, 1.0, 7.0]),
        alternative=st.sampled_from([None, "observation"]),
    )
    rating = st.builds(
        Bars,
        objective=st.sampled_from([None, 0, 2]),
        awareness=st.sampled_from([None, 0, 2]),
        global_score=st.sampled_from([None, 0, 1, 2, 5]),
    )
    flag = st.sampled_from([None, True, False])
    conditions = st.builds(
        Conditions, adhd=flag, tardive_dyskinesia=flag, neuropathy=flag, cramps=flag, pregnancy=flag
    )
    ferritin = st.sampled_from([None, 12.0, 35.0, 180.0]).map(
        lambda value: (
            ()
            if value is None
            else (Laboratory(name="ferritin", value=value, unit="ug/L", low=30, high=400),)
        )
    )
    total = st.none() | st.integers(-4, 13)
    naranjo = st.builds(
        Naranjo, drug=names, after=st.none(), total=total, probability=st.none()
    ) | st.builds(Naranjo, drug=names, after=flag, known=flag, dechallenge=flag)
    return st.builds(
        Context,
        naranjo=st.lists(naranjo, max_size=1).map(tuple),
        symptoms=symptoms(),
        skin=st.builds(Skin, rash=flag, skin_disease=flag),
        bars=st.lists(rating, max_size=2).map(tuple),
        drugs=st.lists(drug, max_size=3).map(tuple),
        responses=st.lists(response, max_size=3).map(tuple),
        laboratory=ferritin,
        conditions=conditions,
    )


def sentences(profile: Profile) -> Iterator[str]:
    yield from (profile.answers, profile.timing, profile.recording, profile.together)
    yield from profile.cautions


def diaries() -> st.SearchStrategy[SymptomDiary | None]:
    entry = st.builds(
        SymptomEntry,
        at=st.datetimes(datetime(2024, 1, 1), datetime(2024, 1, 9)),
        site=st.sampled_from(SYMPTOM_SITES),
        severity=st.integers(0, 10).map(float),
        posture=st.sampled_from(["", *SYMPTOM_POSTURES]),
        moving_helped=st.sampled_from(["", *MOVING_HELPED]),
    )
    entries = st.lists(entry, min_size=1, max_size=40).map(tuple)
    return st.none() | st.builds(SymptomDiary, source=st.just("diary.csv"), entries=entries)


@cases(200)
@given(contexts(), diaries())
def test_what_any_answers_say_reads_well(context: Context, diary: SymptomDiary | None) -> None:
    profile = answer_of_context(context, diary)
    for piece in profile.evidence:
        assert faults_of(piece["text"]) == [], piece["text"]
        assert piece["source"]
        assert piece["source_status"]
    assert {said: faults_of(said) for said in sentences(profile) if faults_of(said)} == {}
    assert len(profile.matrix) == len(matrix_rows())
    for row in profile.matrix:
        assert row["finding"]
        assert row["source"]
        assert set(row["expected"]) == set(row["agrees"]) == set(CONDITIONS)


def entry_of(item: Item, value: float) -> dict[str, Any]:
    found = Value(value=value, words="Amisulpride" if item.from_context else "")
    return _entry(Found(item=item, value=found, band=item.bears(value)))


def values_of(band: Band) -> float:
    return band.start if band.start > float("-inf") else band.stop - 0.5


ENTRIES = [entry_of(item, values_of(band)) for item in ITEMS for band in item.bands]


@given(
    st.lists(
        st.sampled_from([one for one in ENTRIES if one["brief"]]),
        max_size=8,
        unique_by=lambda one: str(one["id"]),
    ),
    st.sets(st.sampled_from(["emg_legs", "emg_arms", "emg_trunk", "ankle", "waist", "sit"])),
    st.sampled_from(["night", "test", "days"]),
    st.booleans(),
)
def test_what_any_recording_says_reads_well(
    entries: list[dict[str, Any]], met: set[str], kind: Kind, simulated: object
) -> None:
    found = Recorded(evidence=entries, met=met, kind=kind, simulated=bool(simulated))
    said = recording_sentence(found)
    assert faults_of(said, 900) == [], said
    assert ("simulated" in said) is bool(simulated)
    profile = with_answer(Profile(statement=STATEMENT), None, found)
    assert faults_of(profile.together) == [], profile.together


@pytest.mark.parametrize("item", ITEMS, ids=[item.id for item in ITEMS])
def test_every_piece_of_evidence_reads_well(item: Item) -> None:
    assert item.question[:1].isupper()
    assert item.question.endswith("?")
    for value in (0.0, 1.0, *map(values_of, item.bands)):
        entry = entry_of(item, value)
        assert faults_of(entry["text"].replace("; ; ", "; ")) == [], entry["text"]
        assert shown(item, value) in entry["text"] or "{value}" not in item.text
        assert entry["compared_with"]
        assert entry["n"] is not None
        assert entry["source_status"]
        assert not entry["brief"].endswith(".")


def test_every_finding_of_a_recording_that_bears_has_a_brief() -> None:
    for item in ITEMS:
        bears = any(band.supports or band.against for band in item.bands)
        assert bool(item.brief) == (bears and not item.from_context), item.id


def test_the_rule_reads_well() -> None:
    assert faults_of(STATEMENT) == []
    for line in RULE[1:]:
        assert faults_of(line) == [], line
