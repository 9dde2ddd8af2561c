"""Taking something away never makes evidence: a channel, a mark of the night, an index, an answer.

The law: what bears on a condition with less is a part of what bears on it with all, and where a
recording points with less it points with all.  One thing is no breach of it, and has its test:
without the latest rating of a scale the one before is the latest.
"""

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

import night_store
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import first_of

from psgkit.core.events import Events
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport, Profile
from psgkit.core.recording import Annotations, Recording
from psgkit.night.walk import analyse_night
from psgkit.profile.context.facts import CRITERIA
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
from psgkit.profile.evidence.items import all_evidence
from psgkit.profile.evidence.of_night import PART_ONLY, profile_of
from psgkit.simulate.night import SimulatedNight
from psgkit.simulate.plan.options import SimulationOptions

SEEDS = {"rls": 3, "ras": 3, "rbs": 1, "akathisia": 2}
HOURS = 0.6
OPTIONS = SimulationOptions(
    sensors="full", rate_hz=200.0, ecg_rate_hz=50.0, accelerometer_rate_hz=25.0
)
PARTS = (
    *("LAT", "RAT", "FDS L", "FDS R", "Paraspinal T8", "Paraspinal L3", "ECG"),
    *("Left Ankle", "Right Ankle", "Left Wrist", "Right Wrist", "Lumbar"),
)
"""Channels, the three axes of a sensor as one."""
ALL_MET = dict.fromkeys(CRITERIA, True)
TOLD = Context(
    symptoms=(
        Symptom(site="back", onset=14, inner_restlessness=True, **ALL_MET),
        Symptom(site="legs", rest=True, urge=False, relief="partly"),
        Symptom(site="arms", **{**ALL_MET, "evening": False}),
    ),
    skin=Skin(rash=True),
    bars=(Bars(objective=1, awareness=2, distress=1, global_score=3, date=20),),
    drugs=(
        Drug(name="amisulpride", dose=0.4, unit="g/day", start=0, stop=6),
        Drug(name="amisulpride", dose=0.6, unit="g/day", start=7),
        Drug(name="propranolol", dose=80, unit="mg/day", start=20),
    ),
    responses=(
        Response(change="dose_reduced", drug="amisulpride", site="back", effect="gone"),
        Response(
            change="started",
            drug="propranolol",
            site="back",
            effect="no_change",
            after_days=7,
        ),
        Response(change="started", drug="biperiden", site="back", effect="relieved"),
        Response(change="started", drug="pramipexole", site="back", effect="relieved"),
    ),
    laboratory=(Laboratory(name="ferritin", value=12.0, unit="ug/L", low=30.0),),
    conditions=Conditions(iron_deficiency=False, radiculopathy=True),
)
Piece = tuple[str, str, str]


def simulated(kind: str) -> SimulatedNight:
    return night_store.simulated(kind, hours=HOURS, seed=SEEDS[kind], options=OPTIONS)


def whole(kind: str) -> NightReport:
    return night_store.analysed(kind, hours=HOURS, seed=SEEDS[kind], options=OPTIONS)


def bearing(profile: Profile) -> set[Piece]:
    """Return item, direction and condition of all evidence that bears."""
    return {
        (piece["id"], direction, name)
        for piece in profile.evidence
        for direction in ("supports", "against")
        for name in piece[direction]
    }


def toward(profile: Profile) -> str | None:
    return None if profile.leaning is None else str(profile.leaning["toward"])


def is_less(less: Profile, more: Profile) -> bool:
    return bearing(less) <= bearing(more) and toward(less) in (None, toward(more))


# what was recorded; each of these analyses a night of 36 minutes again, about a second


def without_part(recording: Recording, part: str) -> Recording:
    kept = tuple(one for one in recording.channels if not one.label.startswith(part))
    assert len(kept) < len(recording.channels)
    return replace(recording, channels=kept)


LEFT_OUT = [
    *(("akathisia", part) for part in ("LAT", "FDS L", "Paraspinal T8", "Left Ankle", "Lumbar")),
    *(("rbs", part) for part in ("LAT", "FDS R", "Paraspinal L3", "ECG", "Lumbar")),
]
LEFT_OUT += [("akathisia", part) for part in PARTS if ("akathisia", part) not in LEFT_OUT]


@pytest.mark.parametrize(("kind", "part"), first_of(LEFT_OUT, 2))
def test_a_channel_left_out_adds_nothing(kind: str, part: str) -> None:
    night = simulated(kind)
    less = analyse_night(without_part(night.recording, part), night.hypnogram, night.events)
    assert is_less(less.profile, whole(kind).profile)


@pytest.mark.parametrize(
    ("kind", "mark"),
    first_of([("rls", "lights_off"), ("rls", "arousal"), ("akathisia", "lights_off")]),
)
def test_a_kind_of_mark_left_out_adds_nothing(kind: str, mark: str) -> None:
    night = simulated(kind)
    events = night.events.where(night.events.kind != mark)
    less = analyse_night(night.recording, night.hypnogram, events)
    assert is_less(less.profile, whole(kind).profile)


@pytest.mark.parametrize("kind", first_of(["rls", "akathisia"]))
def test_stages_left_out_add_nothing(kind: str) -> None:
    night = simulated(kind)
    bare = replace(night.recording, annotations=Annotations())
    less = analyse_night(bare, None, night.events)
    assert less.hypnogram is None
    assert is_less(less.profile, whole(kind).profile)


def test_one_leg_alone_shows_its_values_and_bears_on_nothing() -> None:
    night = simulated("rls")
    one_leg = without_part(night.recording, "RAT")
    profile = analyse_night(one_leg, night.hypnogram, night.events).profile
    found = {piece["id"]: piece for piece in profile.evidence}
    assert found["place_legs"]["value"] is not None
    assert found["place_legs"]["supports"] == []
    assert "this needs EMG of both legs" in found["place_legs"]["text"]
    (row,) = [row for row in profile.missing if row["supply"] == "EMG of both legs"]
    assert row["reasons"][row["items"].index("place_legs")] == PART_ONLY
    assert profile.leaning is None


def test_without_lights_off_a_latency_from_the_start_of_the_file_bears_on_nothing() -> None:
    night = simulated("rls")
    events = Events.of([0.0], [0.0], ["artifact"], [""])
    late = analyse_night(night.recording, night.hypnogram, events)
    long = Index.plain("sol_min", 90.0, "min")
    late = replace(late, indices={**late.indices, "sleep": {"sol_min": long}})
    found = {piece["id"]: piece for piece in profile_of(late).evidence}
    assert found["sleep_latency"]["value"] == 90.0
    assert found["sleep_latency"]["supports"] == []
    assert "when lights went off" in found["sleep_latency"]["text"]


PATHS = sorted(
    {path for item in all_evidence().items if not item.from_context for path in item.reads}
    | {path for item in all_evidence().items for path, _, _ in item.least}
)


@given(kind=st.sampled_from(sorted(SEEDS)), lost=st.sets(st.sampled_from(PATHS)))
def test_indices_lost_in_any_number_add_nothing(kind: str, lost: set[str]) -> None:
    report = whole(kind)
    indices = {
        group: {
            name: Index.missing(name, "lost", unit=index.unit)
            if f"{group}.{name}" in lost
            else index
            for name, index in named.items()
        }
        for group, named in report.indices.items()
    }
    imi = {group: one for group, one in report.imi.items() if f"imi.{group}" not in lost}
    assert is_less(profile_of(replace(report, indices=indices, imi=imi)), report.profile)


# what was told


def less_told(context: Context) -> Iterator[tuple[str, Context]]:
    """Yield the context with one thing less: a field, a row, a field of a row."""
    for one in fields(Context):
        value = getattr(context, one.name)
        if isinstance(value, tuple):
            for n, row in enumerate(value):
                others = (*value[:n], *value[n + 1 :])
                yield f"{one.name} {n}", replace(context, **{one.name: others})
                for name, shorter in less_of(row):
                    rows = (*value[:n], shorter, *value[n + 1 :])
                    yield f"{one.name} {n} {name}", replace(context, **{one.name: rows})
        elif is_dataclass(value):
            for name, shorter in less_of(value):
                yield f"{one.name} {name}", replace(context, **{one.name: shorter})


def less_of(row: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any section
    """Yield a section with one answer less."""
    for one in fields(row):
        if one.default is not MISSING and getattr(row, one.name) != one.default:
            yield one.name, replace(row, **{one.name: one.default})


LESS = dict(less_told(TOLD))


def test_there_are_answers_to_take_away() -> None:
    assert len(LESS) > 40
    told = bearing(profile_of(whole("rbs"), TOLD)) - bearing(whole("rbs").profile)
    assert {name for name, _, _ in told} >= {
        *("criteria_back", "criteria_legs", "criteria_arms", "inner_restlessness", "bars"),
        *("dopaminergic", "akathisia_drugs", "akathisia_drugs_failed"),
    }


@pytest.mark.parametrize("kind", ["rbs", "akathisia"])
def test_an_answer_left_out_adds_nothing(kind: str) -> None:
    report = whole(kind)
    with_all = bearing(profile_of(report, TOLD))
    for what, context in LESS.items():
        less = profile_of(report, context)
        assert bearing(less) <= with_all, what


def test_without_the_latest_rating_the_one_before_is_the_latest() -> None:
    both = Context(bars=(Bars(global_score=4, date=1), Bars(global_score=0, date=20)))
    earlier = replace(both, bars=both.bars[:1])
    report = whole("rls")
    assert ("bars", "against", "akathisia") in bearing(profile_of(report, both))
    assert ("bars", "supports", "akathisia") in bearing(profile_of(report, earlier))


def test_an_answer_that_forbids_akathisia_leaves_the_recording_as_it_was() -> None:
    report = whole("akathisia")
    found = profile_of(report, Context(bars=(Bars(global_score=0),)))
    assert found.questions["akathisia"] == "not shown"
    assert found.questions["recording"] == report.profile.questions["recording"] != []


def test_a_drug_that_helped_hides_none_that_failed() -> None:
    helped = Response(change="started", drug="propranolol", effect="relieved")
    failed = Response(change="started", drug="biperiden", effect="no_change", after_days=14)
    drug = Drug(name="biperiden", dose=6, unit="mg/day")
    context = Context(drugs=(drug,), responses=(helped, failed))
    found = bearing(profile_of(whole("rls"), context))
    assert ("akathisia_drugs", "supports", "akathisia") in found
    assert ("akathisia_drugs_failed", "against", "akathisia") in found
