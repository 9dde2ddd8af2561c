"""The catalogue: every index once, in words that a report and a glossary can use."""

import re

import pytest

from psgkit.core.index_catalogue import (
    CATALOGUE,
    base_of,
    entry_of,
    in_order,
    is_count,
    translatable_texts,
    unit_of,
)

EVERY = [(subject, entry) for subject in CATALOGUE for entry in subject.entries]


def test_a_subject_has_a_name_once() -> None:
    names = [(subject.name, entry.name) for subject, entry in EVERY]
    assert len(set(names)) == len(names)


def test_an_entry_says_what_a_glossary_needs() -> None:
    for subject, entry in EVERY:
        assert entry.label, entry.name
        assert entry.source, entry.name
        assert re.fullmatch(r"[A-Z0-9-].*\.", entry.definition), f"{entry.name}: one sentence"
        # what a rate, a share or a ratio is divided by; counts and durations stand alone
        assert bool(entry.denominator) == (
            entry.kind.word in ("rate", "share", "ratio", "variance ratio")
            or entry.name == "sleep_regularity_index"
        ), entry.name
        assert (entry.kind.word == "count") == entry.name.endswith("_n"), entry.name
        assert "LM" not in entry.of_sensor, "accelerometers find movements, not LM"
        assert entry_of(entry.name, subject.groups[0]) is entry


def test_a_name_has_one_unit_in_all_subjects() -> None:
    units: dict[str, set[str]] = {}
    for _, entry in EVERY:
        units.setdefault(entry.name, set()).add(entry.unit)
    assert not {name: found for name, found in units.items() if len(found) > 1}


@pytest.mark.parametrize(
    ("name", "group", "label"),
    [
        ("plms_index", "accelerometer_left_ankle", "PLMS index"),
        ("day_night_ratio", "akathisia", "Activity by day over night"),
        ("day_night_ratio", "rest_activity", "Movements at rest, day over night"),
        ("lm_n", "sit", "Movements (LM)"),
        ("waking_rest_min", "sit", "Waking rest"),
        ("arms_up_ratio_high", "movement_relief", "{group}, up over before, upper limit"),
        ("rest_activity_mg_left_foot", "akathisia", "Activity at rest, {place}"),
        ("turns_30_index_sd", "posture", "Turns of 30 degrees or more, lying"),
    ],
)  # fmt: skip
def test_a_name_is_found_in_its_group(name: str, group: str, label: str) -> None:
    entry = entry_of(name, group)
    assert entry is not None
    assert entry.label == label


def test_an_unknown_name_has_no_entry_and_no_unit() -> None:
    assert entry_of("made_up_index") is None
    assert not is_count("made_up_n")
    with pytest.raises(KeyError, match="made_up_index"):
        unit_of("made_up_index")


def test_means_over_nights_are_told_from_names_that_end_alike() -> None:
    assert base_of("scratch_bouts_index_mean") == ("scratch_bouts_index", "_mean")
    assert base_of("activity_mean") == ("activity_mean", "")
    assert unit_of("imi_log_mean_s_sd") == "s"
    assert not is_count("lm_n_sd")


def test_order_is_that_of_the_catalogue_with_unknown_names_last() -> None:
    names = ["z_new", "plms_index", "a_new", "tst_min", "lm_n"]
    assert in_order(names) == ["tst_min", "lm_n", "plms_index", "z_new", "a_new"]


def test_every_label_can_be_translated() -> None:
    texts = list(translatable_texts())
    assert len(set(texts)) == len(texts)
    assert {"PLMS index", "Periodic movements in sleep", "Activity at rest, {place}"} <= set(texts)
