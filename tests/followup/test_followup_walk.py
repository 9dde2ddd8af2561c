"""Nights on the time line: order, phases of the doses, changes, and what is odd."""

from dataclasses import replace

import pytest
from night_reports import night

from psgkit.core.index import Index
from psgkit.errors import SettingsError
from psgkit.followup.walk import NightCourse, follow_nights
from psgkit.profile.context.read import ContextFile, parse_context

STEPS = """
[[drugs]]
name = "amisulpride"
dose = 0.6
unit = "g/day"
start = "day 0"
[[drugs]]
name = "amisulpride"
dose = 0.4
unit = "g/day"
start = "day 33"
"""


def context(nights: dict[str, int], text: str = STEPS) -> ContextFile:
    rows = "".join(
        f'[[nights]]\nfile = "{name}"\ndate = "day {day}"\n' for name, day in nights.items()
    )
    return parse_context(text + rows, "c.toml")


def followed(values: dict[int, float | None], text: str = STEPS) -> NightCourse:
    reports = [night(f"n{day}.json", value) for day, value in values.items()]
    return follow_nights(reports, context({f"n{day}.json": day for day in values}, text))


def codes(course: NightCourse) -> list[str]:
    return [found.code for found in course.findings]


def test_a_night_belongs_to_the_dose_in_force_up_to_the_day_of_the_next() -> None:
    course = followed({0: 40.0, 32: 42.0, 33: 10.0, 50: 8.0})
    assert [one.label for one in course.phases] == [
        "amisulpride 0.6 g/day",
        "amisulpride 0.4 g/day",
    ]
    assert [one.phase for one in course.nights] == [0, 0, 1, 1]
    assert codes(course) == []
    (change,) = course.changes
    assert (change.change.before, change.change.after, change.change.change) == (41, 9, -32)
    assert change.verdict == "outside"


def test_nights_are_ordered_by_their_days_not_as_given() -> None:
    course = followed({50: 8.0, -3: 1.0, 10: 40.0})
    assert [one.on_line.day for one in course.nights] == [-3, 10, 50]
    (plms,) = course.indices
    assert [one.value for one in plms.nights] == [1.0, 40.0, 8.0]
    assert (plms.mean, plms.span) == (pytest.approx(49 / 3), 39.0)


@pytest.mark.parametrize(("after", "verdict"), [(14.9, "inside"), (14.8, "outside")])
def test_a_change_as_large_as_a_published_spread_is_inside(after: float, verdict: str) -> None:
    (one,) = followed({0: 40.0, 33: after}).changes
    assert [two.limit for two in one.compared] == [25.1, pytest.approx(0.216 * (40 + after))]
    assert [two.inside for two in one.compared] == [verdict == "inside", False]
    assert one.verdict == verdict


def test_three_phases_are_compared_in_order_and_last_with_first() -> None:
    course = followed({-7: 1.0, 10: 40.0, 40: 2.0})
    assert course.phases[0].label == "before the time line"
    assert [(one.first, one.second) for one in course.changes] == [(0, 1), (1, 2), (0, 2)]
    assert codes(course) == ["nights.outside"]


def test_a_night_after_the_last_dose_ended() -> None:
    dose = '[[drugs]]\nname = "estazolam"\ndose = 1\nunit = "mg/day"\n'
    text = dose + 'start = "day 0"\nstop = "day 9"\n'
    course = followed({9: 4.0, 10: 1.0}, text)
    assert [one.label for one in course.phases] == ["estazolam 1 mg/day", "after the time line"]
    assert codes(course) == ["nights.outside"]


def test_a_night_outside_the_time_line_is_named_with_the_line_of_its_day() -> None:
    (found,) = followed({-7: 1.0, 10: 40.0}).findings
    line = 1 + (STEPS + '[[nights]]\nfile = "n-7.json"\n').count("\n")
    assert found.where == f"c.toml, line {line}: nights 1, date"
    assert found.message.startswith("n-7.json: day -7 lies outside the time line (day 0 to now)")


def test_the_same_dose_again_is_another_phase() -> None:
    back = (
        STEPS + '[[drugs]]\nname = "amisulpride"\ndose = 600\nunit = "mg/day"\nstart = "day 60"\n'
    )
    course = followed({5: 40.0, 40: 2.0, 70: 39.0}, back)
    assert [one.phase for one in course.nights] == [0, 1, 2]


def test_the_same_dose_in_another_unit_is_the_same_phase() -> None:
    text = STEPS.replace('dose = 0.4\nunit = "g/day"', 'dose = 600\nunit = "mg/day"')
    assert len(followed({5: 40.0, 40: 2.0}, text).phases) == 1


def test_a_dose_told_by_the_night_wins_and_ends_the_one_before() -> None:
    text = """
[[drugs]]
name = "amisulpride"
dose = 0.6
unit = "g/day"
start = "day 0"
[[nights]]
file = "a.json"
date = "day 5"
[[nights]]
file = "b.json"
date = "day 40"
drug = "Amisulpride"
dose = 400
dose_unit = "mg/day"
"""
    file = parse_context(text, "c.toml")
    course = follow_nights([night("b.json", 1.0), night("a.json", 30.0)], file)
    assert [one.label for one in course.phases] == [
        "amisulpride 0.6 g/day",
        "Amisulpride 400 mg/day",
    ]
    told = [(one.first_day, one.seen_until, one.before_day, one.of_night) for one in course.spans]
    assert told == [(0, 5, 40, None), (None, 40, None, 40)]


def test_without_a_context_nights_follow_the_calendar_and_have_no_phases() -> None:
    late, early = "2024-03-09T01:00:00", "2024-03-01T22:00:00"
    course = follow_nights([night("b.json", 3.0, late), night("a.json", 4.0, early)])
    # a night that begins after midnight is that of the evening before
    assert [one.on_line.day for one in course.nights] == [0, 7]
    assert (course.phases, course.changes) == ((), ())


def test_dates_place_nights_without_an_entry() -> None:
    text = '[[drugs]]\nname = "estazolam"\ndose = 1\nunit = "mg/day"\nstart = 2024-03-01\n'
    reports = [night("a.json", 3.0, "2024-03-02T22:00:00"), night("b.json", 4.0)]
    course = follow_nights(reports, parse_context(text, "c.toml"))
    assert [one.on_line.day for one in course.nights] == [1, None]
    assert [one.phase for one in course.nights] == [0, None]
    assert codes(course) == ["nights.no_day"]


def test_reports_of_one_name_are_told_apart_by_their_folders() -> None:
    reports = [night("x/b/report.json", 3.0), night("x/a/report.json", 4.0)]
    course = follow_nights(reports, context({"a/report.json": 5, "b/report.json": 40}))
    assert [one.report.name for one in course.nights] == ["a/report.json", "b/report.json"]
    course = follow_nights(reports, context({"report.json": 5}))
    assert codes(course) == ["nights.entry"] * 2 + ["nights.no_day"] * 2


def test_an_entry_without_a_report_is_told() -> None:
    reports = [night("a.json", 3.0), night("b.json", 4.0)]
    course = follow_nights(reports, context({"a.json": 5, "b.json": 40, "c.json": 50}))
    (found,) = course.findings
    assert (found.severity, found.code) == ("info", "nights.not_given")


def test_nights_scored_by_other_settings_are_told() -> None:
    other = replace(night("b.json", 1.0), version="0.2.0", rules="aasm3")
    course = follow_nights([night("a.json", 3.0), other], context({"a.json": 5, "b.json": 40}))
    assert codes(course) == ["nights.settings", "nights.version"]


def test_lights_of_each_night_are_no_other_settings() -> None:
    lights = [{"lights_off_s": value, "emg": {"low_hz": 10}} for value in (60.0, 90.0)]
    reports = [
        replace(night(f"{name}.json", 3.0), settings=one)
        for name, one in zip("ab", lights, strict=True)
    ]
    file = context({"a.json": 5, "b.json": 40})
    assert codes(follow_nights(reports, file)) == []
    reports[1] = replace(reports[1], settings={**lights[1], "emg": {"low_hz": 15}})
    assert codes(follow_nights(reports, file)) == ["nights.settings"]


def test_one_night_given_twice_is_told() -> None:
    twice = [night("a.json", 3.0)] * 2
    assert "nights.same_recording" in codes(follow_nights(twice))
    same = [replace(night(f"{name}.json", 3.0), sha256="ab") for name in "ab"]
    assert "nights.same_recording" in codes(follow_nights(same))


def test_a_missing_value_stays_missing() -> None:
    course = followed({0: None, 33: 10.0})
    (change,) = course.changes
    assert change.change.change is None
    assert change.verdict is None
    assert course.indices[0].nights[0].reason == "no leg was recorded"


def test_an_index_that_one_night_has_not_is_missing_there() -> None:
    one = night("a.json", 3.0)
    other = night("b.json", 4.0)
    more = {"trunk": {"plms_index": Index.plain("plms_index", 9.0, "1/h")}}
    course = follow_nights([one, replace(other, indices=more)])
    assert {(i.group, *(n.value for n in i.nights)) for i in course.indices} == {
        ("legs", 3.0, None),
        ("trunk", None, 9.0),
    }


@pytest.mark.parametrize("n", [0, 1])
def test_one_night_is_too_few(n: int) -> None:
    with pytest.raises(SettingsError, match="two or more"):
        follow_nights([night("a.json", 1.0)] * n)


def test_a_night_with_a_dose_of_no_drug_or_unit_is_refused() -> None:
    for row, words in (("dose = 2", "of no drug"), ('drug = "x"\ndose = 2', "without a unit")):
        with pytest.raises(SettingsError, match=words):
            parse_context(f"[[nights]]\n{row}\n", "c.toml")
