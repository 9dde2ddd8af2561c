"""``psgkit indices``: the glossary, by subject, by word and as JSON."""

import json
from collections.abc import Callable

from psgkit.core.index_catalogue import CATALOGUE

Run = Callable[..., tuple[int, str, str]]


def test_the_glossary_has_every_index_under_its_subject_in_100_columns(psgkit: Run) -> None:
    code, out, _ = psgkit("indices")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    for subject in CATALOGUE:
        assert subject.title in out
        for entry in subject.entries:
            name = entry.name.replace("{", "<").replace("}", ">")
            assert f"  {name}: " in out


def test_a_word_finds_names_labels_and_better_known_names(psgkit: Run) -> None:
    for word, name in (
        ("plms", "plms_index"),
        ("interdaily stab", "interdaily_stability"),
        ("waso", "waso_min"),
        ("PLMI", "plms_index"),
        ("legs_relief_ratio", "<group>_relief_ratio"),
    ):
        code, out, _ = psgkit("indices", word)
        assert code == 0
        assert f"  {name}: " in out
        assert "tib_min" not in out


def test_the_name_of_a_group_finds_all_of_it(psgkit: Run) -> None:
    code, out, _ = psgkit("indices", "rem_atonia")
    assert code == 0
    assert "  chin_tonic_pct: " in out
    assert "  arm_phasic_pct: " in out
    assert "plms_index" not in out


def test_a_rate_says_per_hour_of_what_and_where_it_comes_from(psgkit: Run) -> None:
    _, out, _ = psgkit("indices", "arousal_index")
    assert "  arousal_index: Arousal index [1/h]" in out
    assert "per hour of sleep." in out
    assert "Source: AASM manual. Depends on sleep stages. Also called ArI." in out


def test_a_word_that_fits_nothing_is_refused_with_near_misses(psgkit: Run) -> None:
    code, out, err = psgkit("indices", "periodicty index")
    assert (code, out) == (2, "")
    assert "Did you mean Periodicity index, Ferri" in err
    code, _, err = psgkit("indices", "zzzzz")
    assert code == 2
    assert "psgkit indices lists them all" in err


def test_json_has_all_parts_of_an_entry(psgkit: Run) -> None:
    _, out, _ = psgkit("indices", "--json")
    document = json.loads(out)
    assert document["schema"] == "psgkit.indices/1"
    assert [one["name"] for one in document["subjects"]] == [one.name for one in CATALOGUE]
    rows = {row["name"]: row for one in document["subjects"] for row in one["indices"]}
    assert rows["plmw_index"] == {
        "name": "plmw_index",
        "label": "PLMW index",
        "unit": "1/h",
        "kind": "rate",
        "definition": "PLM that begin in wake.",
        "denominator": "hour of wake between lights off and on with a usable signal",
        "needs_stages": True,
        "source": "WASM 2016 (Ferri et al., Sleep Med 2016;26:86-95)",
        "synonyms": ["PLMW/h"],
        "label_of_accelerometer": "Periodic movements in wake",
        "cohort_column": True,
    }
    _, out, _ = psgkit("indices", "plmw_index", "--json")
    assert [len(one["indices"]) for one in json.loads(out)["subjects"]] == [1]
