"""Numbers on every page: one format, and never a sign that means that there is none."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

import psgkit
from psgkit.agreement.comparison import compare_scorings
from psgkit.agreement.sources import Scored
from psgkit.core.events import Events
from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording, Segment
from psgkit.core.site import Site
from psgkit.days.walk import analyse_days
from psgkit.followup.reported import read_reported_nights
from psgkit.followup.walk import follow_nights
from psgkit.night.scored import score_night
from psgkit.night.walk import analyse_night
from psgkit.report.html.page import night_as_html
from psgkit.report.words.number_format import THIN, short_number
from psgkit.sit.report import PROTOCOLS, SitTest
from psgkit.sit.test_window import MarkedPart
from psgkit.sit.walk import analyse_sit
from tests.cohort.cohort_fixtures import Night, simulated_report, with_values, write_cohort
from tests.days.week_maker import make_counts
from tests.report import every_page
from tests.report.every_page import Rendered
from tests.report.night_fixtures import empty_night, night_without_stages, ordinary_night

PACKAGE = Path(psgkit.__file__).parent
MINUS = "\u2212"
_NONE = r"(?<![\w.\-])(?:nan|inf|NaN|Infinity|None|null|undefined)(?![\w\-])"
_MINUS_ZERO = rf"(?<![\w.\-])[-{MINUS}]0(?:[.,]0+)?(?![\d.,:\-])"
NO_NUMBER = re.compile(f"{_NONE}|{_MINUS_ZERO}")
DRAWINGS = {
    "course_pictures.py",
    "heart_picture.py",
    "actogram.py",
    "actogram_svg.py",
    "pictures.py",
    "nights_picture.py",
    "overview.py",
    "picture.py",
}
"""Modules that write coordinates."""


def quiet(seconds: float, role: str = "leg") -> Recording:
    """Return a recording in which nothing moves."""
    noise = np.random.default_rng(0).standard_normal(round(seconds * 200)).astype(np.float32)
    channel = Channel(
        label="LAT", rate_hz=200.0, samples=noise, unit="uV", role=role, site=Site.LEFT_LEG
    )
    return Recording(
        source="quiet.edf",
        start=None,
        segments=(Segment(start_s=0.0, duration_s=seconds),),
        channels=(channel,) if role else (),
    )


def unruly_night() -> NightReport:
    """Return a night whose indices are what no computation should give."""
    night = ordinary_night()
    odd = [float("nan"), float("inf"), float("-inf"), -0.0, -1e-9, 1e12, 1e-12, -123456.789]
    indices = {
        group: {
            name: index
            if index.value is None
            else replace(index, value=odd[k % len(odd)], numerator=None, denominator_h=None)
            for k, (name, index) in enumerate(named.items())
        }
        for group, named in night.indices.items()
    }
    return replace(night, indices=indices)


def bare_nights() -> Any:  # noqa: ANN401
    with TemporaryDirectory() as folder:
        paths = []
        for name, report in (("a", empty_night()), ("b", night_without_stages())):
            path = Path(folder) / f"{name}.json"
            path.write_text(every_page.night_as_json(report), encoding="utf-8")
            paths.append(path)
        found, told = read_reported_nights(paths)
        return follow_nights(found, None, about_reports=told)


def bare_cohort(*reports: NightReport | None) -> Any:  # noqa: ANN401
    nights = [
        Night(night_id=f"n{k}", subject=f"s{k}", extra={"group": "A"}, report=report)
        for k, report in enumerate(reports)
    ]
    with TemporaryDirectory() as folder:
        return every_page.summarise_cohort(write_cohort(Path(folder) / "study", nights), "group")


def still_test() -> Any:  # noqa: ANN401
    part = MarkedPart(from_s=0.0, to_s=120.0, source="--from, --to")
    return analyse_sit(
        quiet(120.0), SitTest(protocol=PROTOCOLS["msit"], part=part, discomfort=None), None
    )


def nothing_scored() -> Any:  # noqa: ANN401
    side = Scored(name="a.csv", events=Events.none(), states_kinds=frozenset({"lm", "arousal"}))
    return compare_scorings(side, replace(side, name="b.csv"))


HOSTILE: dict[str, Callable[[], Rendered]] = {
    "empty": lambda: every_page.night(empty_night()),
    "no stages": lambda: every_page.night(night_without_stages()),
    "unruly": lambda: every_page.night(unruly_night()),
    "two minutes": lambda: every_page.night(analyse_night(quiet(120.0))),
    "no legs": lambda: every_page.night(analyse_night(quiet(120.0, role=""))),
    "nothing marked": lambda: every_page.night(score_night(Events.none())),
    "nights": lambda: every_page.nights(bare_nights()),
    "days": lambda: every_page.days(analyse_days(make_counts(np.zeros(2880)))),
    "cohort of failures": lambda: every_page.cohort(bare_cohort(None)),
    "cohort of one": lambda: every_page.cohort(
        bare_cohort(with_values(simulated_report(), {"legs__plms_index": -0.0}))
    ),
    "test": lambda: every_page.sit(still_test()),
    "agreement": lambda: every_page.agreement(nothing_scored()),
}


@cache
def hostile(name: str) -> Rendered:
    return HOSTILE[name]()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_shows_what_is_no_number(name: str) -> None:
    for where, said in hostile(name).seen.items():
        found = [said[max(0, m.start() - 60) : m.end() + 20] for m in NO_NUMBER.finditer(said)]
        assert not found, (where, found[:3])


@pytest.mark.parametrize("said", ["nan /h", "is None.", "-0.0", f"{MINUS}0", "(inf)", "to -0 s"])
def test_what_is_no_number_would_be_noticed(said: str) -> None:
    assert NO_NUMBER.search(said)


@pytest.mark.parametrize("said", ["2026-01-05", "from -0.5 s", "-0:00:30", "informed", "0.0"])
def test_what_is_a_number_is_not(said: str) -> None:
    assert not NO_NUMBER.search(said)


def test_rates_have_one_decimal_and_a_thin_space_before_their_unit() -> None:
    night = ordinary_night()
    document = json.loads(every_page.night_as_json(night))
    shown = re.findall(
        r'data-key="indices\.(\w+)\.(\w+)\.value"[^>]*>([^<]+)<', night_as_html(night)
    )
    rates = [
        value for group, name, value in shown if document["indices"][group][name]["unit"] == "1/h"
    ]
    assert len(rates) > 10
    assert [one for one in rates if not re.fullmatch(rf"[\d,]+\.\d(?:{THIN}/h)?", one)] == []
    assert any(THIN in one for one in rates)


NUMBER = re.compile(r"[+,]?(?:\.\d+)?[fgde]|,|[+,]+d?")


def numbers_written_in(tree: ast.Module) -> Iterator[int]:
    """Yield the lines on which a number is formatted for a reader."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    read_back = {
        inner
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "float"
        for inner in ast.walk(call)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.FormattedValue) or node in read_back:
            continue
        parts = getattr(node.format_spec, "values", ())
        form = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        if NUMBER.fullmatch(form):
            yield node.lineno


def test_numbers_are_written_in_one_place() -> None:
    """Everywhere else the words of the language would be missing, and nan would be shown."""
    summary = PACKAGE / "cohort" / "summary"
    pages = [*(PACKAGE / "report").rglob("*.py"), *summary.glob("*section*.py")]
    pages += [summary / "page.py", summary / "picture.py"]
    pages += (PACKAGE / "check").glob("as_*.py")
    assert len(pages) > 50
    left = {
        f"{path.name}:{line}"
        for path in pages
        if path.name not in DRAWINGS | {"number_format.py", "document.py"}
        if path.parent.name != "exchange"
        for line in numbers_written_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert left == set()


def test_a_number_written_elsewhere_is_noticed() -> None:
    for source in ('f"{x:.1f} h"', 'f"{n:,}"', 'f"{x:g}"', 'f"{x:+d}"'):
        assert [*numbers_written_in(ast.parse(source))] == [1], source
    for source in ('float(f"{x:.3g}")', 'f"{name:<9}"', 'f"{k:02d}"', "_('{n} h', n=n)"):
        assert [*numbers_written_in(ast.parse(source))] == [], source


def test_settings_are_written_without_powers_of_ten_or_a_sign_before_nothing() -> None:
    shown = [short_number(x) for x in (-0.0, 2.5e7, 1e-7, float("nan"), -3.0)]
    assert shown == ["0", "25000000", "0.0000001", "\u2013", f"{MINUS}3"]


def test_an_index_that_is_no_number_says_so() -> None:
    night = ordinary_night()
    index = Index.plain("plms_index", float("nan"), "1/h")
    legs = {**night.indices["legs"], "plms_index": index}
    page = night_as_html(replace(night, indices={**night.indices, "legs": legs}))
    assert "the computed value is no finite number" in page
