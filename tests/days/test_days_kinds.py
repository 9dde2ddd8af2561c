"""Simulated days of the five kinds: by day and at night, seated and lying, evening and morning.

A day and a night of each kind with three sensors take half a minute: the claim is about what the
kinds have in common and what not, so all five are needed, and all of it is slow.
"""

import dataclasses
from collections.abc import Callable

import pytest

from psgkit.core.days.days_report import DaysReport
from psgkit.core.days.diary import Diary
from psgkit.days.walk import analyse_days
from psgkit.simulate import DayChoice, simulate_days

pytestmark = pytest.mark.slow
KINDS = ("healthy", "rls", "ras", "rbs", "akathisia")


@pytest.fixture(scope="module")
def reports() -> dict[str, DaysReport]:
    choice = DayChoice(days=1)
    return {
        kind: analyse_days(simulate_days(kind, seed=1, choice=choice).as_days()) for kind in KINDS
    }


@pytest.fixture(scope="module")
def of_all(reports: dict[str, DaysReport]) -> Callable[[str], dict[str, float]]:
    """Return a function that gives one index of the group of rest and activity for each kind."""

    def values(name: str) -> dict[str, float]:
        found = {}
        for kind, report in reports.items():
            value = report.indices["rest_activity"][name].value
            assert value is not None, (kind, report.indices["rest_activity"][name].reason)
            found[kind] = value
        return found

    return values


def test_restless_legs_move_most_at_night_and_akathisia_has_trains_by_day(
    of_all: Callable[[str], dict[str, float]],
) -> None:
    night = of_all("movements_night_per_h")
    assert max(night, key=night.__getitem__) == "rls"
    day_night = of_all("day_night_ratio")
    assert min(day_night, key=day_night.__getitem__) == "rls"
    assert day_night["rls"] < 1
    trains = of_all("rhythm_day_night_ratio")
    assert trains["akathisia"] > 3
    assert all(trains[kind] < 2 for kind in KINDS if kind != "akathisia")


def test_restless_legs_are_worse_in_the_evening_than_anybody(
    of_all: Callable[[str], dict[str, float]],
) -> None:
    evening = of_all("evening_morning_ratio")
    assert max(evening, key=evening.__getitem__) == "rls"
    assert evening["rls"] > 2


def test_trains_of_akathisia_come_seated_and_others_have_none(
    of_all: Callable[[str], dict[str, float]],
) -> None:
    seated, lying = (of_all(f"rhythmic_trains_{kind}_per_h") for kind in ("seated", "lying"))
    assert seated["akathisia"] > 10
    assert lying["akathisia"] < seated["akathisia"] / 4
    assert all(seated[kind] < 1 for kind in KINDS if kind != "akathisia")


def test_the_evidence_about_sitting_supports_akathisia_and_only_there(
    reports: dict[str, DaysReport],
) -> None:
    for kind, report in reports.items():
        pieces = {piece["id"]: piece for piece in report.profile.evidence}
        supports = pieces["days_seated"]["supports"]
        assert supports == (["akathisia"] if kind == "akathisia" else []), kind
        assert pieces["days_day_night"]["value"] is not None
        # what everybody does more by day than asleep must not be taken for evidence
        assert pieces["days_day_night"]["supports"] == []
        assert pieces["days_evening"]["supports"] == []


def test_without_a_diary_the_arm_tells_when_somebody_lay_down_and_rose() -> None:
    choice = DayChoice(days=2, places=("left_wrist",))
    week = simulate_days("rls", seed=3, choice=choice)
    report = analyse_days(dataclasses.replace(week.as_days(), diary=Diary()))
    assert len(report.nights) == 2
    for night, bed_s, up_s in zip(report.nights, week.nights.bed_s, week.nights.up_s, strict=True):
        assert night.window.source.startswith("arm angle")
        assert night.window.span_s is not None
        begin_s, end_s = night.window.span_s
        assert abs(begin_s - bed_s) < 1800
        assert abs(end_s - up_s) < 1800


def test_simulated_days_say_so_and_lean_nowhere_without_emg(
    reports: dict[str, DaysReport],
) -> None:
    for report in reports.values():
        assert any("simulat" in finding.code for finding in report.findings)
        assert report.profile.leaning is None
