"""What a page shows at once, what it folds, and what of it a phone can show."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import night_store
import pytest
from night_fixtures import night_without_stages, ordinary_night

from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.report.html.page import night_as_html
from psgkit.report.html.shorten import shortened
from psgkit.report.marked_numbers import Number
from psgkit.report.page_model import Facts, Section, Table

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
MOST_SCREENS = 6
OPEN_SECTIONS = "document.querySelectorAll('.fold').forEach((one) => { one.open = true; })"
CUT_OFF = """() => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (!/\\d/.test(node.data) || node.parentElement.closest("nav")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      for (let at = node.parentElement; at; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (style.overflowX === "visible" || style.display === "inline") continue;
        const frame = at === document.documentElement ? { left: 0, right: innerWidth }
          : at.getBoundingClientRect();
        if (box.left < frame.left - 1 || box.right > frame.right + 1) {
          found.push(`${node.data.trim().slice(0, 40)} in ${at.tagName}`);
        }
      }
      if (box.left < 0 || box.right > innerWidth) found.push(node.data.trim().slice(0, 40));
    }
  }
  return found;
}"""
"""Texts with a digit that are not wholly seen, scrolled regions counting as not seen."""


def long_labels() -> NightReport:
    """Return a night whose labels and counts are as long as they get."""
    night = ordinary_night(3000, duration_s=86400.0)
    indices = {
        group: {
            name: index if index.value is None else replace(index, value=98765.4321)
            for name, index in named.items()
        }
        for group, named in night.indices.items()
    }
    return replace(night, indices=indices)


NIGHTS: dict[str, Callable[[], NightReport]] = {
    "rls": lambda: night_store.analysed("rls", hours=1.0),
    "akathisia": lambda: night_store.analysed("akathisia", hours=1.0),
    "ordinary": ordinary_night,
    "3000 movements": lambda: ordinary_night(3000, duration_s=28800.0),
    "no stages": night_without_stages,
    "large numbers": long_labels,
}


@pytest.fixture
def open_night(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:  # noqa: ANN401
    contexts = []

    def opened(report: NightReport, viewport: dict[str, int]) -> Any:  # noqa: ANN401
        path = tmp_path / "report.html"
        path.write_text(night_as_html(report), encoding="utf-8")
        contexts.append(browser.new_context(viewport=viewport))
        page = contexts[-1].new_page()
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", NIGHTS)
def test_no_number_is_cut_off_on_a_phone(name: str, open_night: Callable[..., Any]) -> None:
    """The count of a histogram, "28 intervals", once showed as "8"."""
    page = open_night(NIGHTS[name](), PHONE)
    assert page.evaluate(CUT_OFF) == []


def test_what_looks_for_numbers_that_are_cut_off_finds_them(
    open_night: Callable[..., Any],
) -> None:
    page = open_night(ordinary_night(), PHONE)
    page.evaluate("document.querySelector('.tiles b').style.transform = 'translateX(370px)'")
    assert page.evaluate(CUT_OFF) != []


@pytest.mark.parametrize("name", ["rls", "ordinary", "3000 movements", "no stages"])
def test_a_usual_night_is_six_screens_with_all_its_sections_open(
    name: str, open_night: Callable[..., Any]
) -> None:
    page = open_night(NIGHTS[name](), DESK)
    closed = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate(OPEN_SECTIONS)
    opened = page.evaluate("document.documentElement.scrollHeight")
    assert closed < opened <= MOST_SCREENS * DESK["height"]


def test_the_first_screens_are_cautions_answer_numbers_and_night_then_closed_sections(
    open_night: Callable[..., Any],
) -> None:
    page = open_night(NIGHTS["rls"](), DESK)
    tops = [
        page.locator(one).first.bounding_box()["y"]
        for one in (".cautions", ".answer .facts", ".tiles", "#overview", "section:has(> .fold)")
    ]
    assert tops == sorted(tops)
    assert page.locator(".answer .matrix").is_visible()
    assert page.locator(".tiles li").count() == 5
    assert page.locator(".fold[open]").count() == 0


def test_rows_of_zeros_are_counted_in_a_line_that_shows_them(
    open_night: Callable[..., Any],
) -> None:
    night = ordinary_night()
    legs = dict(night.indices["legs"])
    shown = list(legs)
    for name in shown[:3]:
        legs[name] = Index(
            name=name, value=0.0, unit="1/h", numerator=0, denominator_h=7.0, reason=None
        )
    page = open_night(replace(night, indices={**night.indices, "legs": legs}), DESK)
    page.evaluate(OPEN_SECTIONS)
    keys = [f'[data-key="indices.legs.{name}.value"]' for name in shown[:3]]
    section = page.locator("section", has=page.locator(keys[0])).last
    line = section.locator("summary", has_text="zero")
    assert line.is_visible()
    zeros = section.locator("details", has=line).locator(keys[0])
    assert not zeros.is_visible()
    line.click()
    assert all(section.locator(key).last.is_visible() for key in keys)


def test_paper_has_every_section_and_what_is_folded_in_them(
    open_night: Callable[..., Any],
) -> None:
    page = open_night(NIGHTS["rls"](), DESK)
    page.emulate_media(media="print")
    heights = page.evaluate(
        """() => [...document.querySelectorAll(".fold > div, .more:not(#movements *) > .parts")]
            .map((one) => one.getBoundingClientRect().height)"""
    )
    assert len(heights) > 10
    assert min(heights) > 5
    titles = page.locator(".fold > summary, .more:not(#movements *) > summary").all()
    assert all(title.is_visible() for title in titles)


def test_a_row_with_a_value_of_zero_is_folded_only_if_all_it_states_is_zero() -> None:
    def number(place: str, value: float) -> Number:
        return Number.of(f"{value:g}", f"indices.legs.{place}", value)

    rate = ("rate", number("a.value", 0), number("a.numerator", 0), number("a.denominator_h", 7))
    few = ("few", number("b.value", 0.001), number("b.numerator", 1), number("b.denominator_h", 7))
    stage = ("R", number("r_min.value", 0), number("r_pct.value", 0))
    section = shortened(
        Section(
            key="legs",
            title="Legs",
            parts=(
                Table(head=("", "per hour", "number", "hours"), rows=(rate, few)),
                Table(head=("Stage", "min", "%"), rows=(stage,)),
                Facts(rows=(("none", number("c.value", 0)), ("text", "0"))),
            ),
        )
    )
    rates, stages, facts = section.parts
    assert (rates.rows, stages.rows, facts.rows) == ((few,), (stage,), (("text", "0"),))
    (fold,) = section.more
    assert fold.title == "2 values are zero"
    assert [part.rows for part in fold.parts] == [(rate,), (("none", number("c.value", 0)),)]
