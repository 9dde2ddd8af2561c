"""What is odd about a context file but leaves the rest usable."""

import pytest

from psgkit.profile.context.read import parse_context

BACK = '[[symptoms]]\nsite = "back"\n'


def codes_of(text: str) -> list[str]:
    return [one.code.removeprefix("context.") for one in parse_context(text, "c.toml").findings]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('[[drugs]]\nname = "moonshine"', "line 2: drugs 1, name", "kept, class unknown"),
        ('[[drugs]]\nname = "amisulpirde"', "line 2: drugs 1, name", "did you mean 'amisulpride'"),
        (
            '[[drugs]]\nname = "amisulpride"\ndose = 2\nunit = "tablets"',
            "line 4: drugs 1, unit",
            "no dose per day",
        ),
        (
            '[[drugs]]\nname = "amisulpride"\ndose = 2\nunit = "mg"',
            "line 4: drugs 1, unit",
            "no dose per day",
        ),
        (
            '[[laboratory]]\nname = "ferritin"\nvalue = 12\nlow = 30',
            "line 3: laboratory 1, value",
            "no unit",
        ),
        (
            '[[laboratory]]\nname = "ferritin"\nvalue = 12\nunit = "ug/L"',
            "line 3: laboratory 1, value",
            "no reference range",
        ),
        ('[[laboratory]]\nname = "ferritin"', "line 1: laboratory 1", "neither a value nor"),
        (
            '[[laboratory]]\nname = "feritin"\nresult = "low"',
            "line 2: laboratory 1, name",
            "no evidence",
        ),
        ("[bars]\nglobal = 2\nseated_min = 1.5", "line 3: bars 1, seated_min", "at least 2"),
        (
            f'{BACK}course = "intermittent"\ntimes_per_week = 2',
            "line 4: symptoms 1, times_per_week",
            "contradict",
        ),
        (
            '[[responses]]\nchange = "stopped"\ndrug = "estazolam"',
            "line 3: responses 1, drug",
            "not among",
        ),
    ],
)
def test_a_finding_names_line_and_field(text: str, where: str, words: str) -> None:
    findings = parse_context(text, "c.toml").findings
    assert [one.where for one in findings] == [f"c.toml, {where}"]
    assert words in findings[0].message
    assert findings[0].severity == "warning"


@pytest.mark.parametrize(
    "text",
    [
        '[[drugs]]\nname = "moonshine"\nclass = "other"',
        '[[drugs]]\nname = "Amisulpride"\ndose = 600\nunit = "mg"\nfrequency = "once daily"',
        '[[laboratory]]\nname = "ferritin"\nresult = "normal"',
        '[[laboratory]]\nname = "crp"\nvalue = 2\nunit = "mg/L"\nhigh = 5',
        "[bars]\nseated_min = 2\nstanding_min = 2",
        f'{BACK}course = "chronic_persistent"\ntimes_per_week = 2',
        f"{BACK}times_per_week = 0",
    ],
)
def test_what_is_not_odd(text: str) -> None:
    assert codes_of(text) == []


DOSES = '[[drugs]]\nname = "amisulpride"\ndose = {}\nunit = "g/day"\nstart = {}\nstop = {}\n'


def night_on(day: int) -> str:
    return f'[[nights]]\nfile = "a.edf"\ndate = "day {day}"\n'


@pytest.mark.parametrize(("day", "outside"), [(-1, True), (0, False), (9, False), (10, True)])
def test_a_night_outside_the_time_line_is_said(*, day: int, outside: bool) -> None:
    found = codes_of(DOSES.format(0.6, 0, 9) + night_on(day))
    assert found == (["night_outside"] if outside else [])


def test_a_drug_without_a_stop_leaves_the_end_of_the_time_line_open() -> None:
    text = '[[drugs]]\nname = "amisulpride"\nstart = 0\n'
    assert codes_of(text + night_on(500)) == []
    assert codes_of(text + night_on(-1)) == ["night_outside"]


def test_nights_alone_have_no_time_line_to_be_outside_of() -> None:
    assert codes_of(night_on(5)) == []


def test_doses_that_overlap_are_kept_and_said() -> None:
    text = DOSES.format(0.6, 0, 9) + DOSES.format(0.4, 5, 20)
    assert codes_of(text) == ["doses_overlap"]
    assert codes_of(DOSES.format(0.6, 0, 9) + DOSES.format(0.4, 9, 20)) == []


@pytest.mark.parametrize(
    "text",
    [
        '[[drugs]]\nname = "amisulpride"\nstart = 5\nstop = 5',
        f"{BACK}onset = 5\nend = 5",
        '[[serum]]\ndrug = "x"\nvalue = 1\nunit = "mg/L"\nlow = 1\nhigh = 1\n'
        '[[drugs]]\nname = "x"\nclass = "other"',
    ],
)
def test_two_ends_that_are_equal_are_in_order(text: str) -> None:
    assert codes_of(text) == []
