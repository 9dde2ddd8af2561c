"""Profiles of nights: what is missing stays missing, answers veto, contradictions show."""

import json
from dataclasses import fields, replace

import night_store
import numpy as np
import pytest

from psgkit.core.events import Events
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.document.write import night_as_json
from psgkit.night.scored import score_night
from psgkit.profile.context.facts import CRITERIA
from psgkit.profile.context.model import Bars, Conditions, Context, Drug, Response, Symptom
from psgkit.profile.evidence.items import STATEMENT, all_evidence
from psgkit.profile.evidence.of_night import profile_of, shown, with_profile
from psgkit.report.html.page import night_as_html
from psgkit.report.night.profile import likelihood_in_words
from psgkit.report.terminal import night_as_text
from psgkit.simulate.plan.options import SimulationOptions

KINDS = {"rls": 3, "ras": 3, "rbs": 1, "akathisia": 2, "healthy": 2}
ALL_MET = dict.fromkeys(CRITERIA, True)
FULL = Context(
    symptoms=(
        Symptom(site="back", onset=14, inner_restlessness=False, **ALL_MET),
        Symptom(site="legs", urge=False, rest=True),
    ),
    bars=(Bars(objective=1, awareness=1, distress=1, global_score=1),),
    drugs=(Drug(name="amisulpride", dose=0.6, unit="g/day", start=0),),
    responses=(
        Response(change="dose_reduced", drug="amisulpride", site="back", effect="gone"),
        Response(change="started", drug="metoprolol", site="back", effect="no_change"),
        Response(change="started", drug="pramipexole", site="back", effect="relieved"),
    ),
    conditions=Conditions(iron_deficiency=False, radiculopathy=True),
)


def night_of(kind: str, sensors: str = "full") -> NightReport:
    options = SimulationOptions(
        sensors=sensors, rate_hz=200.0, ecg_rate_hz=50.0, accelerometer_rate_hz=25.0
    )
    return night_store.analysed(kind, hours=0.6, seed=KINDS[kind], options=options)


def long_night_of(kind: str) -> NightReport:
    options = SimulationOptions(sensors="full")
    return night_store.analysed(kind, hours=1.5, seed=KINDS[kind], options=options)


def bearing(report: NightReport, context: Context | None = None) -> set[tuple[str, str, str]]:
    """Return item, direction and condition of all evidence that bears."""
    return {
        (piece["id"], direction, name)
        for piece in profile_of(report, context).evidence
        for direction in ("supports", "against")
        for name in piece[direction]
    }


def without(report: NightReport, group: str) -> NightReport:
    """Return the report as if the channels of a group had not been recorded."""
    indices = dict(report.indices)
    indices[group] = {
        name: Index.missing(name, "not recorded", unit=index.unit)
        for name, index in report.indices[group].items()
    }
    imi = {name: one for name, one in report.imi.items() if name != group}
    rows = tuple(row for row in report.breakdown if row.group != group)
    return replace(report, indices=indices, imi=imi, breakdown=rows)


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_is_in_every_profile_with_a_value_or_a_reason(kind: str) -> None:
    profile = night_of(kind).profile
    assert [piece["id"] for piece in profile.evidence] == [i.id for i in all_evidence().items]
    for piece in profile.evidence:
        assert (piece["value"] is None) == (piece["reason"] is not None)
        assert piece["reason"] != ""
        if piece["value"] is None:
            assert not piece["supports"]
            assert not piece["against"]
            assert piece["likelihood"] is None
        assert piece["text"]
        assert "{" not in piece["text"]
    assert profile.statement == STATEMENT
    assert profile.rule


@pytest.mark.parametrize("kind", KINDS)
def test_a_recording_alone_never_leans_and_says_where_it_points(kind: str) -> None:
    profile = night_of(kind).profile
    assert profile.leaning is None
    assert profile.recording.startswith("The simulated recording s")
    if kind != "healthy" and kind in profile.questions["recording"]:
        assert "which is no leaning" in profile.together


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_taken_away_adds_no_evidence_and_no_leaning(kind: str) -> None:
    whole = night_of(kind)
    groups = ("legs", "arms", "trunk", "sleep", "akathisia", "posture", "movement_relief")
    for group in (*groups, "scratch"):
        less = without(whole, group)
        assert bearing(less) <= bearing(whole), group
        after = profile_of(less).leaning
        toward = (whole.profile.leaning or {}).get("toward")
        assert after is None or after["toward"] == toward, group


def test_a_night_of_nothing_says_what_would_supply_all() -> None:
    profile = score_night(Events.none()).profile
    assert profile.leaning is None
    assert not [piece for piece in profile.evidence if piece["supports"] or piece["against"]]
    supplies = " ".join(piece["supply"] for piece in profile.missing)
    for word in (
        "both legs",
        "arms",
        "back",
        "sleep stages",
        "ankle",
        "waist",
        "wrist",
        "--new",
    ):
        assert word in supplies


def test_what_was_recorded_is_not_called_missing() -> None:
    supplies = [piece["supply"] for piece in night_of("rls").profile.missing]
    assert not [text for text in supplies if text.startswith(("EMG", "sleep", "an accelerometer"))]


def test_missing_names_questions_and_reasons_alike() -> None:
    for piece in night_of("rls", "legs").profile.missing:
        assert len(piece["items"]) == len(piece["questions"]) == len(piece["reasons"]) > 0


def test_without_a_context_no_answer_has_a_value() -> None:
    answers = {item.id for item in all_evidence().items if item.from_context}
    pieces = [piece for piece in night_of("rls").profile.evidence if piece["id"] in answers]
    assert {piece["reason"] for piece in pieces} == {"no clinical context was given"}


# answers


def piece_of(report: NightReport, context: Context, name: str) -> dict:  # type: ignore[type-arg]
    return dict(next(p for p in profile_of(report, context).evidence if p["id"] == name))


def test_all_five_criteria_support_and_one_missing_speaks_against() -> None:
    night = night_of("rbs")
    met = Context(symptoms=(Symptom(site="back", **ALL_MET),))
    assert piece_of(night, met, "criteria_back")["supports"] == ["rbs"]
    lacking = Context(symptoms=(Symptom(site="back", **{**ALL_MET, "evening": False}),))
    assert piece_of(night, lacking, "criteria_back")["against"] == ["rbs"]
    assert profile_of(night, lacking).leaning is None


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("answer", [None, "partly"])
def test_an_open_criterion_is_neither(name: str, answer: object) -> None:
    open_one = Context(symptoms=(Symptom(site="back", **{**ALL_MET, name: answer}),))
    piece = piece_of(night_of("rbs"), open_one, "criteria_back")
    if name == "relief" and answer == "partly":
        assert piece["value"] == 5
        return
    assert piece["value"] is None
    assert name.replace("not_explained", "not otherwise explained") in piece["reason"]


@pytest.mark.parametrize(("score", "column"), [(1, "against"), (2, "supports")])
def test_bars_turns_at_two(score: int, column: str) -> None:
    rated = Context(bars=(Bars(global_score=score),))
    piece = piece_of(night_of("rls"), rated, "bars")
    assert piece[column] == ["akathisia"]


def test_the_latest_rating_counts() -> None:
    rated = Context(bars=(Bars(global_score=4, date=20), Bars(global_score=0, date=1)))
    assert piece_of(night_of("rls"), rated, "bars")["value"] == 4


def recorded(kind: str) -> NightReport:
    """Return a simulated night as if somebody had been recorded."""
    night = night_of(kind)
    return replace(night, findings=tuple(f for f in night.findings if not f.says_simulated))


def test_bars_below_two_forbids_leaning_toward_akathisia() -> None:
    told = Context(bars=(Bars(global_score=0),))
    profile = profile_of(recorded("akathisia"), told)
    assert profile.leaning is None
    assert profile.questions["akathisia"] == "not shown"


def test_failed_drugs_are_weak_against_akathisia_and_forbid_nothing() -> None:
    night = night_of("akathisia")
    drug = Drug(name="propranolol", dose=80, unit="mg/day")
    failed = Response(change="started", drug="propranolol", effect="no_change", after_days=7)
    context = Context(drugs=(drug,), responses=(failed,))
    assert piece_of(night, context, "akathisia_drugs_failed")["against"] == ["akathisia"]
    assert profile_of(night, context).leaning == night.profile.leaning


def test_onset_after_a_drug_separates_nothing() -> None:
    piece = piece_of(night_of("rls"), FULL, "onset_after_drug")
    assert piece["value"] == 14
    assert "amisulpride was started" in piece["text"]
    assert not piece["supports"]


@pytest.mark.parametrize("section", [one.name for one in fields(Context)])
def test_an_answer_taken_away_adds_no_evidence(section: str) -> None:
    night = night_of("rbs")
    less = replace(FULL, **{section: getattr(Context(), section)})
    assert bearing(night, less) <= bearing(night, FULL)


def test_criteria_for_the_back_and_moving_legs_contradict_each_other() -> None:
    night = night_of("rls")
    told = Context(symptoms=(Symptom(site="back", rest=True, relief=True),))
    profile = profile_of(night, told)
    piece = piece_of(night, told, "contradiction_back")
    assert piece["contradicts"] is True
    assert profile_of(recorded("rls"), told).leaning is None
    assert profile.leaning is not None, "a simulated night changes nothing"
    page = night_as_text(replace(night, profile=profile), width=120)
    assert "Contradiction: The criteria were answered as met for the back" in page


def test_what_was_not_recorded_contradicts_nothing() -> None:
    night = night_of("rls", "legs")
    told = Context(symptoms=(Symptom(site="back", **ALL_MET),))
    piece = piece_of(night, told, "contradiction_back")
    assert piece["value"] is None
    assert piece["contradicts"] is False


def test_moving_where_it_is_felt_contradicts_nothing() -> None:
    told = Context(symptoms=(Symptom(site="legs", **ALL_MET),))
    assert piece_of(night_of("rls"), told, "contradiction_legs")["contradicts"] is False


def test_sensors_stand_in_where_there_is_no_emg() -> None:
    night = night_of("rls")
    plain = {
        group: {"plm_n": Index.plain("plm_n", n, "1")}
        for group, n in (("accelerometer_left_ankle", 30.0), ("accelerometer_lumbar", 0.0))
    }
    told = Context(symptoms=(Symptom(site="back", **ALL_MET),))
    piece = piece_of(replace(night, indices=plain), told, "contradiction_back")
    assert piece["value"] == 0.0
    assert piece["contradicts"] is True


# values and the page


def test_a_share_needs_all_parts_and_enough_movements() -> None:
    onset_s = [20.0 * n for n in range(9)]
    table = Events.of(onset_s, [t + 1 for t in onset_s], ["lm"] * 9, ["left_leg"] * 9)
    night = score_night(table, Hypnogram.of(["N2"] * 20))
    (piece,) = [p for p in night.profile.evidence if p["id"] == "place_legs"]
    assert piece["value"] is None


def test_the_mode_of_intervals_is_that_of_the_series() -> None:
    onset_s = [25.0 * n for n in range(30)]
    table = Events.of(onset_s, [t + 1 for t in onset_s], ["lm"] * 30, ["left_leg"] * 30)
    night = score_night(table, Hypnogram.of(["N2"] * 30))
    values = {piece["id"]: piece["value"] for piece in night.profile.evidence}
    assert values["interval_legs"] == pytest.approx(25.0, rel=0.06)
    assert values["interval_share_legs"] == 100.0


def awake_with_leg_movements(every_s: float) -> NightReport:
    onset_s = np.arange(0.0, 3600.0, every_s)
    ends_s = [*(onset_s + 1), 0.0, 3600.0]
    kinds = [*["lm"] * len(onset_s), "lights_off", "lights_on"]
    sites = [*["left_leg"] * len(onset_s), "", ""]
    table = Events.of([*onset_s, 0.0, 3600.0], ends_s, kinds, sites)
    return score_night(table, Hypnogram.of(["W"] * 120))


@pytest.mark.parametrize("every_s", [360.0, 18.0])
def test_likelihood_is_of_what_was_found(every_s: float) -> None:
    night = awake_with_leg_movements(every_s)
    (piece,) = [p for p in night.profile.evidence if p["id"] == "plmw_legs"]
    assert piece["likelihood"]["present"] is (piece["value"] >= 15)
    assert piece["likelihood"]["low"] < piece["likelihood"]["ratio"] < piece["likelihood"]["high"]


def test_what_separates_nothing_has_no_likelihood() -> None:
    night = awake_with_leg_movements(18.0)
    for piece in night.profile.evidence:
        if not piece["supports"] and not piece["against"]:
            assert piece["likelihood"] is None


def test_the_ratio_of_an_absence_says_so() -> None:
    ratio = {
        "finding": "PLMS",
        "of": "rls",
        "over": "akathisia",
        "of_counts": [11, 11],
        "over_counts": [5, 9],
        "ratio": 0.1,
        "low": 0.0,
        "high": 5000.0,
        "note": "Walters 1991",
    }
    absent = likelihood_in_words({**ratio, "present": False})
    assert absent.startswith('Likelihood ratio of the absence of "PLMS": 0.1 times')
    assert "0.0 to more than 100; 11 of 11 people against 5 of 9 have it" in absent
    assert "absence" not in likelihood_in_words({**ratio, "present": True})


def test_values_are_read_as_words() -> None:
    items = {item.id: item for item in all_evidence().items}
    assert shown(items["plms_legs"], 12.34) == "12 an hour"
    assert shown(items["ankle_waist"], 4.71) == "4.7 times"
    assert shown(items["periodic_legs"], 0.5) == "0.50"


def test_the_page_prints_statement_finding_and_source() -> None:
    night = with_profile(night_of("rls"), FULL)
    text = " ".join(night_as_text(night, width=160).split())
    html = night_as_html(night)
    for piece in night.profile.evidence:
        if piece["supports"] or piece["against"]:
            assert piece["text"].split(".")[0] in text
            assert (
                piece["question"]
                in json.loads(night_as_json(night))["profile"]["evidence"][
                    [p["id"] for p in night.profile.evidence].index(piece["id"])
                ]["question"]
            )
    assert "A recording alone cannot separate" in html
    assert "Walters" in html
    awake = night_as_text(awake_with_leg_movements(18.0), width=160)
    assert "Likelihood ratio of" in awake


def test_json_carries_rule_and_missing() -> None:
    printed = json.loads(night_as_json(night_of("rls", "legs")))["profile"]
    assert list(printed)[:5] == ["statement", "evidence", "leaning", "rule", "missing"]
    assert list(printed)[5:9] == ["answers", "timing", "recording", "together"]
    assert printed["leaning"] is None
    assert {"supply", "items", "questions", "reasons"} == set(printed["missing"][0])
