"""Pages of a PDF: nothing leaves the paper, nothing is torn apart, what is cut says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.report.figures.frame import as_svg
from psgkit.report.figures.night import plot_night
from psgkit.report.page_model import Bars, Facts, Figure, Notes, Page, Part, Remarks, Section, Table
from psgkit.report.pdf.night import night_as_pdf
from psgkit.report.pdf.typeset import MOST_ROWS, page_as_pdf
from tests.report.conftest import in_other_letters
from tests.report.drawn_svg import assert_words_inside
from tests.report.printed import PRINTED, Sheet, night_sheets, sheets_of
from tests.report.test_figures import NIGHTS

LONG = "a label of a channel " * 20
PARTS = {
    "facts": Facts(rows=(("label", "value"), (LONG, LONG), ("", ""))),
    "table": Table(head=("", "n", "hours"), rows=(("row", "1", "2.00"), (LONG, "3", "4"))),
    "text table": Table(head=("a", "b"), rows=((LONG, LONG), ("x" * 500, "y")), n_text=2),
    "many numbers": Table(head=("", *"abcdefghij"), rows=(("row", *["123456.7"] * 10),)),
    "bars": Bars(rows=(("22:00", 3.0, "3.0"), (LONG, None, "\u2013"), ("", 1e9, "1e9"))),
    "remarks": Remarks(rows=(("error", LONG, LONG, "code"), ("info", "", "", ""))),
    "notes": Notes(lines=(LONG, "", "x" * 900)),
    "no rows": Table(head=("a",), rows=()),
}


def printed(*parts: Part, **more: object) -> list[Sheet]:
    """Return the sheets of a report of one section."""
    section = Section(key="s", title="A section", parts=parts)
    empty = {"title": "a", "subtitle": "b", "banners": (), "headline": (), "disclaimer": "c"}
    return sheets_of(page_as_pdf(Page(**{**empty, "sections": (section,), **more})))


def said_on(sheets: list[Sheet]) -> str:
    return " ".join(sheet.flat for sheet in sheets)


def assert_on_paper(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        assert sheet.runs
        for text, left, right, base in sheet.runs:
            assert left >= 20.0, text
            assert right <= sheet.width - 20.0, text
            assert 0.0 < base < sheet.height, text


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_no_word_of_a_part_leaves_the_paper(part: Part) -> None:
    assert_on_paper(printed(part))
    assert_on_paper(printed(part, PARTS["facts"], PARTS["bars"]))


@pytest.mark.parametrize("name", PRINTED)
def test_no_word_of_a_night_leaves_the_paper(name: str) -> None:
    assert_on_paper(night_sheets(name))


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_every_letter_of_a_part_is_printed(part: Part) -> None:
    said = "".join(said_on(printed(part)).split())
    rows = part.lines if isinstance(part, Notes) else part.rows
    words = [one for row in rows for one in (row if isinstance(row, tuple) else (row,))]
    for one in filter(None, (word for word in words if isinstance(word, str))):
        assert "".join(one.split()) in said


@pytest.mark.parametrize("make", NIGHTS.values(), ids=NIGHTS)
def test_every_word_of_the_figure_of_a_night_is_inside_it(make: Callable[[], NightReport]) -> None:
    assert_words_inside(as_svg(lambda axes: plot_night(make(), axes), 440.0, 120.0))


def lowest_line(sheet: Sheet) -> str:
    """Return what stands above the foot of a sheet."""
    above = [(base, text) for text, _, _, base in sheet.runs if base > 50.0]
    lowest = min(base for base, _ in above)
    return " ".join(text for base, text in above if base < lowest + 1.0)


def test_a_title_is_never_the_last_line_of_a_page() -> None:
    for n in range(46, 56):
        lines = Notes(lines=tuple(f"line {k}" for k in range(n)))
        sections = tuple(
            Section(key=key, title=f"Section {key}", parts=(part,))
            for key, part in (("one", lines), ("two", PARTS["table"]))
        )
        assert not any("Section two" in lowest_line(sheet) for sheet in printed(sections=sections))


def test_the_head_of_a_table_is_said_again_where_it_goes_on() -> None:
    rows = tuple((f"row {k} {LONG}", "1") for k in range(50))
    pages = printed(Table(head=("What was found", "n"), rows=rows))
    assert len(pages) > 1
    assert all("What was found" in sheet.flat for sheet in pages)
    assert all(f"row {k} " in said_on(pages) for k in range(50))


def test_what_explains_a_table_is_printed_below_it() -> None:
    table = Table(head=("", "n"), rows=(("a", "1"), ("b", "2")), foot="n is a number.")
    assert "b 2 n is a number." in said_on(printed(table))


def test_where_a_finding_is_from_stands_below_it_across_the_table() -> None:
    rows = (("Found one", "RLS"), ("\u2514 Source: A", ""), ("Found two", "RBS"))
    (sheet,) = printed(Table(head=("What", "Supports"), rows=rows, n_text=2))
    places = {text: (left, base) for text, left, _, base in sheet.runs}
    one, source, two = (places[name] for name in ("Found one", "\u2514 Source: A", "Found two"))
    assert one[0] == source[0] == two[0]
    assert one[1] > source[1] > two[1]


def test_a_number_and_its_unit_are_never_on_two_lines() -> None:
    lines = tuple(f"{'i ' * n}412.5\u2009/h of sleep" for n in range(60, 120))
    (sheet, *_) = printed(Notes(lines=lines))
    assert not any(row.rstrip().endswith(("412.5", "/")) for row in sheet.text.splitlines())


@pytest.mark.parametrize("part", ["facts", "table", "bars", "remarks", "notes"])
def test_a_cut_part_says_how_many_rows_it_leaves_out(part: str) -> None:
    whole = PARTS[part]
    name = "lines" if part == "notes" else "rows"
    row = getattr(whole, name)[0]
    for n, said in ((MOST_ROWS, False), (MOST_ROWS + 7, True)):
        pages = printed(replace(whole, **{name: (row,) * n}))
        assert ("and 7 more on the HTML page." in said_on(pages)) == said


def test_a_cut_table_does_not_end_with_the_name_of_rows_that_are_left_out() -> None:
    rows = (*((str(k), "1") for k in range(MOST_ROWS - 1)), ("By stage", ""), ("b", "2"))
    said = said_on(printed(Table(head=("", "n"), rows=rows)))
    assert "By stage" not in said
    assert "and 2 more on the HTML page." in said


@pytest.mark.usefixtures("other_letters")
def test_a_simulation_is_stated_on_every_sheet_in_any_language() -> None:
    found = Finding("info", "simulate.simulated", "night.edf", "ausgedacht")
    report = replace(next(iter(NIGHTS.values()))(), findings=(found,))
    said = in_other_letters("Simulated")
    assert all(said in sheet.flat for sheet in sheets_of(night_as_pdf(report)))
    plain = sheets_of(night_as_pdf(replace(report, findings=())))
    assert not any(said in sheet.flat for sheet in plain)


def test_a_likelihood_ratio_is_not_printed_without_the_words_that_limit_it() -> None:
    ratio = {
        "finding": "x",
        "present": True,
        "of": "rls",
        "over": "akathisia",
        "of_counts": [11, 11],
        "over_counts": [5, 9],
        "ratio": 1.7,
        "low": 1.1,
        "high": 3.8,
        "note": "Only one study found this",
    }
    report = NIGHTS["ordinary"]()
    (piece,) = report.profile.evidence
    profile = replace(report.profile, evidence=({**piece, "likelihood": ratio},))
    first, *others = sheets_of(night_as_pdf(replace(report, profile=profile)))
    assert "Likelihood ratio of" not in first.flat
    assert "Likelihood ratio of" in said_on(others)
    assert "Only one study found this" in said_on(others)


def test_a_figure_stands_below_the_head_of_any_page() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 20"><text x="9" y="9"'
        ' font-size="8" font-family="DejaVu Sans">drawn</text></svg>'
    )
    page = Page(title="a", subtitle="b", banners=(), headline=(), sections=(), disclaimer="c")
    start = datetime(2024, 3, 1, 22, 30)
    (sheet,) = sheets_of(page_as_pdf(page, Figure(svg=svg, title="A figure"), start))
    assert "drawn" in sheet.text
