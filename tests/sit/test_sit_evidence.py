"""An immobilisation test as evidence: in its own report, and beside a night."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psgkit.core.discomfort import Discomfort
from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.night_report import Profile
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.errors import InputFileError
from psgkit.night.scored import score_night
from psgkit.profile.context.model import Bars, Context
from psgkit.profile.evidence.items import all_evidence
from psgkit.profile.evidence.of_night import profile_of, profile_of_test, with_profile
from psgkit.report.sit.document import sit_as_json
from psgkit.report.sit.write import text_of_test as as_text
from psgkit.sit.evidence import (
    SitFigures,
    beside_night,
    figures_of,
    read_reported_test,
    with_test_profile,
)
from psgkit.sit.report import PROTOCOLS, SitReport, SitTest
from psgkit.sit.test_window import MarkedPart
from psgkit.sit.walk import analyse_sit

HOUR_S = 3600.0
RATE_HZ = 200.0
TEST_ITEMS = [item.id for item in all_evidence().items if item.from_test]


@cache
def sitting(lasts_s: float = HOUR_S) -> Recording:
    """Return a waking hour: the left leg jerks every 20 s and trembles at 2 Hz for 5 min."""
    rng = np.random.default_rng(5)
    samples = rng.standard_normal(round(lasts_s * RATE_HZ)).astype(np.float32)
    jerks = [(onset_s, 1.5) for onset_s in np.arange(30.0, lasts_s - 700.0, 20.0)]
    train = [(onset_s, 0.25) for onset_s in np.arange(lasts_s - 600.0, lasts_s - 300.0, 0.5)]
    for onset_s, duration_s in [*jerks, *train]:
        samples[round(onset_s * RATE_HZ) : round((onset_s + duration_s) * RATE_HZ)] *= 40
    return Recording(
        source="evening.edf",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=lasts_s),),
        channels=(
            Channel(
                label="LAT",
                rate_hz=RATE_HZ,
                samples=samples,
                unit="uV",
                role="leg",
                site=Site.LEFT_LEG,
            ),
        ),
    )


@cache
def sat_through(name: str = "sit", to_s: float = HOUR_S, score: float = 30.0) -> SitReport:
    scale = 100.0 if name == "sit" else 10.0
    answers = Discomfort.of([600.0, 1200.0], [score, score], scale_max=scale)
    part = MarkedPart(from_s=0.0, to_s=to_s, source="--from, --to")
    return analyse_sit(sitting(), SitTest(protocol=PROTOCOLS[name], part=part, discomfort=answers))


def pieces(profile: Profile) -> dict[str, Mapping[str, Any]]:
    return {str(piece["id"]): piece for piece in profile.evidence}


def a_night() -> Any:  # noqa: ANN401 - a night report
    onset_s = [20.0 * n for n in range(30)]
    table = Events.of(onset_s, [t + 1 for t in onset_s], ["lm"] * 30, ["left_leg"] * 30)
    return score_night(table, Hypnogram.of(["W"] * 40 + ["N2"] * 40))


def figures(**changed: Index) -> dict[str, Index]:
    """Return the group ``sit`` of an hour's test in which nothing happened, some of it changed."""
    plain = {
        "test_awake_min": Index.plain("test_awake_min", 60.0, "min"),
        "waking_rest_min": Index.plain("waking_rest_min", 60.0, "min"),
        "sit_index_older": Index.plain("sit_index_older", 0.0, "1/h"),
        "sit_discomfort_mean": Index.plain("sit_discomfort_mean", 0.0, "mm"),
        "rhythm_rest_share": Index.plain("rhythm_rest_share", 0.0, "1"),
    }
    return plain | changed


# the test itself


def test_its_own_report_reads_index_discomfort_and_rhythm() -> None:
    report = sat_through()
    found = pieces(report.profile)
    legs = report.indices["legs"]
    assert found["sit_index"]["value"] == legs["sit_index_older"].value
    assert found["sit_index"]["value"] > 40
    assert found["sit_index"]["supports"] == ["rls"]
    assert found["sit_discomfort"]["value"] == 30.0
    assert found["sit_discomfort"]["supports"] == ["rls"]
    assert found["sit_discomfort"]["likelihood"]["of_counts"] == [82, 100]
    # five minutes of an hour, less what gross movements take
    assert found["sit_rhythm"]["value"] == pytest.approx(100 * 300 / 3600, abs=0.5)
    assert found["sit_rhythm"]["supports"] == ["akathisia"]
    assert report.profile.leaning is None


def test_every_item_is_either_read_or_missing_with_what_supplies_it() -> None:
    profile = sat_through().profile
    here = set(pieces(profile))
    lacking = {name for row in profile.missing for name in row["items"]}
    assert here | lacking == {item.id for item in all_evidence().items}
    assert set(TEST_ITEMS) <= here
    night = profile.missing[-1]
    assert "--sit" in night["supply"]
    assert not set(night["items"]) & here


@pytest.mark.parametrize(
    ("changed", "item", "supports"),
    [
        ({"sit_index_older": Index.plain("sit_index_older", 39.9, "1/h")}, "sit_index", []),
        ({"sit_index_older": Index.plain("sit_index_older", 40.0, "1/h")}, "sit_index", ["rls"]),
        ({"sit_discomfort_mean": Index.plain("d", 10.9, "mm")}, "sit_discomfort", []),
        ({"sit_discomfort_mean": Index.plain("d", 11.0, "mm")}, "sit_discomfort", ["rls"]),
        ({"rhythm_rest_share": Index.plain("r", 0.049, "1")}, "sit_rhythm", []),
        ({"rhythm_rest_share": Index.plain("r", 0.05, "1")}, "sit_rhythm", ["akathisia"]),
    ],
)
def test_cut_offs_are_those_of_the_file(
    changed: dict[str, Index], item: str, supports: list[str]
) -> None:
    piece = pieces(profile_of_test(figures(**changed)))[item]
    assert piece["supports"] == supports
    assert piece["against"] == []


@pytest.mark.parametrize("item", ["sit_index", "sit_discomfort"])
def test_a_short_test_bears_on_nothing(item: str) -> None:
    piece = pieces(sat_through(to_s=1700.0).profile)[item]
    assert piece["value"] is None
    assert "30 min awake" in piece["reason"]
    assert pieces(sat_through(to_s=1800.0).profile)[item]["value"] is not None


def test_a_quiet_test_speaks_against_nothing() -> None:
    found = profile_of_test(figures())
    assert not [piece for piece in found.evidence if piece["supports"] or piece["against"]]


def test_the_multiple_test_is_never_taken_for_the_single_one() -> None:
    found = pieces(sat_through("msit", score=3.0).profile)
    assert found["sit_index"]["value"] is None
    assert found["sit_discomfort"]["value"] is None
    assert found["msit_index"]["value"] > 40
    assert found["msit_discomfort"]["value"] == 3.0
    for name in ("msit_index", "msit_discomfort"):
        assert found[name]["supports"] == found[name]["against"] == []
    single = pieces(sat_through().profile)
    assert single["msit_index"]["value"] is single["msit_discomfort"]["value"] is None


def test_an_answer_on_another_scale_is_not_read_as_mm() -> None:
    points = Index.plain("discomfort_mean", 9.0, "points")
    told = SitFigures(
        protocol=PROTOCOLS["sit"], awake_s=HOUR_S, legs={}, rhythm={}, discomfort=points
    ).indices()
    assert told["sit_discomfort_mean"].value is None
    assert "points" in str(told["sit_discomfort_mean"].reason)


def test_answers_of_the_patient_join_and_none_of_a_night_does() -> None:
    told = with_test_profile(sat_through(), Context(bars=(Bars(global_score=3),)))
    found = pieces(told.profile)
    assert found["bars"]["supports"] == ["akathisia"]
    assert "contradiction_legs" not in found
    assert pieces(sat_through().profile)["bars"]["reason"] == "no clinical context was given"


def test_the_page_says_what_was_found_and_that_it_separates_little() -> None:
    words = " ".join(as_text(sat_through(), width=160).split())
    assert "Sitting still the legs moved periodically" in words
    assert "a later study found this a poor discriminator" in words
    assert "Montplaisir et al. 1998" in words
    assert "Rhythm of the legs while sitting still" in words
    assert "A recording alone cannot separate" in words


# beside a night


@pytest.fixture(scope="module")
def sit_json(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sit") / "sit.json"
    path.write_text(sit_as_json(sat_through()), encoding="utf-8")
    return path


def test_figures_are_the_same_from_the_test_and_from_its_report(sit_json: Path) -> None:
    read = read_reported_test(sit_json).figures.indices()
    straight = figures_of(sat_through()).indices()
    assert list(read) == list(straight)
    for name, index in straight.items():
        assert read[name].value == pytest.approx(index.value, abs=1e-5)
        assert read[name].unit == index.unit


def test_a_night_without_a_test_says_what_would_supply_it() -> None:
    profile = a_night().profile
    assert {pieces(profile)[name]["reason"] for name in TEST_ITEMS} == {
        "no immobilisation test was given"
    }
    (row,) = [row for row in profile.missing if "immobilisation test beside" in row["supply"]]
    resting = {name for name in TEST_ITEMS if name.startswith("rest_")}
    assert set(row["items"]) == set(TEST_ITEMS) - resting
    (row,) = [row for row in profile.missing if "a rest test" in row["supply"]]
    assert set(row["items"]) == resting


def test_a_test_beside_a_night_adds_its_items_and_nothing_else(sit_json: Path) -> None:
    alone = a_night()
    beside = with_profile(beside_night(alone, read_reported_test(sit_json)))
    found, before = pieces(beside.profile), pieces(alone.profile)
    assert found["sit_index"]["supports"] == ["rls"]
    assert found["sit_rhythm"]["supports"] == ["akathisia"]
    changed = {name for name in found if found[name] != before[name]}
    # items of a rest test stay without a value; only the reason is another
    assert all(found[name]["value"] is None for name in changed if name.startswith("rest_"))
    assert {name for name in changed if not name.startswith("rest_")} == {
        "sit_index",
        "sit_discomfort",
        "sit_rhythm",
        "msit_index",
        "msit_discomfort",
    }
    (said,) = [one for one in beside.findings if one.code == "night.sit"]
    assert "evening.edf" in said.message
    assert "another recording" in said.message
    assert set(beside.indices) - set(alone.indices) == {"sit"}


def test_a_test_never_makes_a_leaning() -> None:
    night = a_night()
    loud = figures(
        sit_index_older=Index.plain("sit_index_older", 300.0, "1/h"),
        sit_discomfort_mean=Index.plain("sit_discomfort_mean", 90.0, "mm"),
    )
    beside = replace(night, indices={**night.indices, "sit": loud})
    assert profile_of(beside).leaning == profile_of(night).leaning


BROKEN = {
    "another schema": ('"psgkit.sit/1"', '"psgkit.night/1"', "psgkit.night/1"),
    "no schema": ('"schema"', '"scheme"', "without a schema"),
    "unknown test": ('"name": "sit"', '"name": "fit"', "protocol"),
    "no hours": ('"awake_s"', '"asleep_s"', "awake_s"),
    "text for a number": (', "unit": "mm", "n": 2', ', "mean": "x", "unit": "mm", "n": 2', "mean"),
    "half a document": ('"indices"', '}"indices"', "broken JSON"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_report_is_refused(kind: str, tmp_path: Path) -> None:
    old, new, words = BROKEN[kind]
    text = json.dumps(json.loads(sit_as_json(sat_through())))
    assert old in text
    path = tmp_path / "sit.json"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputFileError) as raised:
        read_reported_test(path)
    assert raised.value.exit_code == 3
    assert raised.value.where == "sit.json"
    assert words in f"{raised.value.found} {raised.value.wanted}"


def test_a_report_of_an_older_psgkit_lacks_the_rhythm_only(tmp_path: Path) -> None:
    found = json.loads(sit_as_json(sat_through()))
    del found["rhythm"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    told = pieces(profile_of_test(read_reported_test(path).figures.indices()))
    assert told["sit_index"]["value"] is not None
    assert told["sit_rhythm"]["value"] is None
