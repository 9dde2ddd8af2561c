"""The evidence file: every field, every index name, every source; it ships with the package."""

import string
import tomllib
from importlib.resources import files
from itertools import pairwise
from typing import Any, get_args

import night_store
import numpy as np
import pytest

from psgkit.core.index import Index
from psgkit.core.night_report import Lights, NightReport
from psgkit.core.rhythms import Rhythms
from psgkit.indices.akathisia import AkathisiaNight, rhythm_at_rest
from psgkit.profile.evidence.families import FAMILY_WORDS
from psgkit.profile.evidence.from_context import READERS
from psgkit.profile.evidence.from_indices import LIGHTS_OFF, MEASURES, PLAIN
from psgkit.profile.evidence.items import (
    CONDITIONS,
    TEST_GROUP,
    Band,
    Certainty,
    Compared,
    CutOffs,
    Grade,
    SourceStatus,
    all_evidence,
    evidence_from,
)
from psgkit.simulate import simulate_night
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.sit.evidence import SitFigures
from psgkit.sit.report import PROTOCOLS
from psgkit.sit.rest_parts import RestPart
from psgkit.sit.rest_test import analyse_rest_test
from psgkit.sleep.time_in_stages import NightTime

ITEMS = all_evidence().items
NEEDS = all_evidence().needs
OF_DAYS = "rest_activity."
CLOCK = NightTime(
    hypnogram=None,
    lights=Lights(off_s=0.0, on_s=60.0, off_source="", on_source=""),
    observed=np.array([[0.0, 60.0]]),
)


def given_file() -> dict[str, Any]:
    file = files("psgkit.profile.evidence").joinpath("evidence.toml")
    return tomllib.loads(file.read_text("utf-8"))


@pytest.fixture(scope="module")
def night() -> NightReport:
    options = SimulationOptions(sensors="full")
    return night_store.analysed("akathisia", hours=0.5, seed=2, options=options)


def known_paths(night: NightReport) -> set[str]:
    """Return every name that an item may read."""
    paths = {f"{group}.{name}" for group, names in night.indices.items() for name in names}
    paths |= {f"imi.{group}" for group in night.imi}
    paths |= {
        f"half.{row.group}.{name}"
        for row in night.breakdown
        if row.by == "half"
        for name in row.indices
    }
    return paths | sit_paths() | rest_paths() | {LIGHTS_OFF}


def sit_paths() -> set[str]:
    """Return every figure of an immobilisation test that an item may read."""
    legs = {
        name: Index.plain(name, 1.0, "1/h")
        for protocol in PROTOCOLS.values()
        for name in (protocol.index_older, protocol.index_newer)
    }
    rhythm = rhythm_at_rest(
        AkathisiaNight(time=CLOCK, rhythms=Rhythms.none(), leg_emg=True), CLOCK.observed
    )
    return {
        f"{TEST_GROUP}.{name}"
        for protocol in PROTOCOLS.values()
        for name in SitFigures(
            protocol=protocol,
            awake_s=60.0,
            legs=legs,
            rhythm={index.name: index for index in rhythm},
            discomfort=Index.plain("discomfort_mean", 1.0, "mm"),
        ).indices()
    }


def rest_paths() -> set[str]:
    """Return every index of a rest test that an item may read."""
    part = RestPart(posture="lying", session="evening", from_s=0.0, to_s=300.0, source="")
    recording = simulate_night("rls", hours=0.1, seed=1).recording
    return {f"{TEST_GROUP}.{name}" for name in analyse_rest_test(recording, [part]).summary}


def test_ids_are_there_once() -> None:
    ids = [item.id for item in ITEMS]
    assert len(set(ids)) == len(ids) > 40


def test_every_field_says_something() -> None:
    for item in ITEMS:
        assert item.question.endswith("?")
        assert item.text.endswith(".")
        assert item.references
        assert item.sources
        assert item.grade in get_args(Grade)
        assert item.cut_offs in get_args(CutOffs)
        assert item.family in FAMILY_WORDS
        assert item.measure in {PLAIN, *MEASURES}
        assert item.scale > 0
        assert item.decimals >= 0
        for reference in item.references:
            assert reference.population
            assert reference.value
            assert reference.n >= 0
            assert reference.certainty in get_args(Certainty)


def test_every_item_has_a_comparator_numbers_and_the_status_of_its_source() -> None:
    for item in ITEMS:
        assert item.compared_with in get_args(Compared)
        assert len(item.n) == 2
        assert item.source_status in get_args(SourceStatus)


def test_a_source_of_ours_alone_is_called_ours() -> None:
    for item in ITEMS:
        if all(source.author == "psgkit" for source in item.sources):
            assert item.source_status == "ours"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"compared_with": "nobody"}, "compared_with"),
        ({"source_status": "read"}, "source_status"),
        ({"n": [3]}, "people with and without"),
        ({"n": [9, 50]}, "a ratio needs 10 people"),
        ({"compared_with": "none"}, "separates nothing"),
        ({"bands": []}, "separates nothing"),
    ],
)
def test_an_item_without_comparator_or_with_a_ratio_of_few_is_refused(
    change: dict[str, Any], said: str
) -> None:
    given = given_file()
    row = next(row for row in given["item"] if row["id"] == "plmw_legs")
    if change.get("n") == [9, 50]:
        row["counts"]["with"] = [8, 9]
    row.update(change)
    with pytest.raises(ValueError, match=said):
        evidence_from(given)


@pytest.mark.parametrize("field", ["compared_with", "n", "source_status"])
def test_an_item_that_lacks_one_is_refused(field: str) -> None:
    given = given_file()
    del given["item"][0][field]
    with pytest.raises(ValueError, match=field):
        evidence_from(given)


def test_every_index_is_one_that_psgkit_computes(night: NightReport) -> None:
    known = known_paths(night)
    for item in ITEMS:
        read = [*item.reads, *(path for path, _, _ in item.least)]
        if item.from_context:
            names = {path.removeprefix("context:").partition(".")[0] for path in item.reads}
            assert names <= {*READERS, "agreement"}
        else:
            # what is read of days is tested where days are made
            of_night = {path for path in read if not path.startswith(OF_DAYS)}
            assert of_night <= known


def test_every_source_is_somebody() -> None:
    for item in ITEMS:
        for source in item.sources:
            assert source.author
            assert source.journal
            assert 1970 <= source.year <= 2026
            assert str(source.year) in source.words


def test_the_sentence_asks_for_nothing_but_the_value_and_words() -> None:
    for item in ITEMS:
        fields = {name for _, name, _, _ in string.Formatter().parse(item.text) if name}
        assert fields <= {"value", "words"}
        assert "words" not in fields or item.from_context
        assert fields


def test_bands_name_known_conditions_and_do_not_overlap() -> None:
    for item in ITEMS:
        for band in item.bands:
            assert band.start < band.stop
            assert {*band.supports, *band.against} <= set(CONDITIONS)
            assert not {*band.supports} & {*band.against}
            assert band.says.endswith(".")
        spans = sorted((band.start, band.stop) for band in item.bands)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_who_draws_a_line_says_whose_it_is() -> None:
    for item in ITEMS:
        bearing = any(band.supports or band.against for band in item.bands)
        assert not (bearing and item.cut_offs == "none" and not item.from_context)


def test_a_cut_off_that_could_not_be_confirmed_is_marked() -> None:
    for item in ITEMS:
        if item.cut_offs == "unconfirmed":
            assert any("[unconfirmed]" in reference.words for reference in item.references)


def test_what_is_ours_alone_is_graded_so() -> None:
    for item in ITEMS:
        if all(source.author == "psgkit" for source in item.sources):
            assert item.grade == "derived_by_us"


def test_counts_are_of_people() -> None:
    for item in ITEMS:
        if item.counts is None:
            continue
        for with_it, people in (item.counts.of_counts, item.counts.over_counts):
            assert 0 <= with_it <= people
        assert item.counts.finding
        assert item.counts.note


def test_plms_separate_nothing() -> None:
    plms = [item for item in ITEMS if item.reads == ("legs.plms_index",)]
    assert plms
    assert not any(item.bands for item in plms)


def test_every_source_and_need_is_used() -> None:
    given = given_file()
    used = {key for row in given["item"] for key in row["sources"]}
    file = files("psgkit.profile.answer").joinpath("matrix.toml")
    for row in tomllib.loads(file.read_text("utf-8"))["row"]:
        for found in row.values():
            if isinstance(found, dict):
                used |= {found[name][1] for name in CONDITIONS}
    assert used == set(given["source"])
    needed = {key for row in given["item"] for key in row["needs"]}
    assert needed == set(NEEDS)


def test_probes_are_indices(night: NightReport) -> None:
    probes = {path for need in NEEDS.values() for path in need.probes}
    assert {path for path in probes if not path.startswith(OF_DAYS)} <= known_paths(night)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"grdae": "one_study"}, "unknown fields"),
        ({"sources": ["nobody_1900"]}, "unknown sources"),
        ({"needs": ["crystal_ball"]}, "unknown needs"),
        ({"bands": [{"form": 1}]}, "unknown fields"),
    ],
)
def test_a_wrong_item_is_refused(change: dict[str, Any], said: str) -> None:
    given = given_file()
    given["item"][0] |= change
    with pytest.raises(ValueError, match=said):
        evidence_from(given)


def test_an_item_without_a_field_is_refused() -> None:
    given = given_file()
    del given["item"][0]["question"]
    with pytest.raises(ValueError, match="question"):
        evidence_from(given)


def test_the_files_are_part_of_the_package() -> None:
    assert files("psgkit.profile.evidence").joinpath("evidence.toml").is_file()


def test_a_band_includes_its_start_and_excludes_its_end() -> None:
    band = Band(start=5.0, stop=10.0)
    assert [band.holds(value) for value in (4.999, 5.0, 9.999, 10.0)] == [False, True, True, False]
