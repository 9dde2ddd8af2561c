"""Laying out pages: nothing overlaps, nothing leaves the paper, nothing is lost without a word."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.report.figures.drawn_text import harmless
from psgkit.report.night.content import page_about
from psgkit.report.night.methods import methods_section
from psgkit.report.page_model import Bars, Facts, Notes, Remarks, Table
from psgkit.report.pdf.bands import ALL, Amount, fitted, is_wide
from psgkit.report.pdf.draw import own_style
from psgkit.report.pdf.head import running_of
from psgkit.report.pdf.layout import A4, Band, Frame, Placed, laid_out
from psgkit.report.pdf.night import night_bands
from psgkit.report.pdf.pieces import Box, Drawing, Line, Words, width_of, wrapped
from psgkit.report.pdf.sections import cut, part_lines
from tests.report.test_figures import NIGHTS

SMALL = Frame(width=200.0, height=200.0, left=10.0, right=10.0, top=10.0, bottom=10.0, gap=10.0)


def strip(
    height: float, name: str, *, with_next: bool = False, again: tuple[Line, ...] = ()
) -> Line:
    pieces = (Words(x=0.0, text=name),)
    return Line(height=height, pieces=pieces, with_next=with_next, again=again)


def names(page: list[Placed]) -> list[str]:
    return [piece.text for placed in page for piece in placed.line.pieces]


def assert_apart(page: list[Placed], frame: Frame) -> None:
    """Check that lines are on the paper, and that none of one column lies on another of it."""
    for placed in page:
        assert placed.y >= frame.top - 1e-6
        assert placed.y + placed.line.height <= frame.floor + 1e-6
    for x in {placed.x for placed in page}:
        column = sorted((one.y, one.y + one.line.height) for one in page if one.x == x)
        for (_, end), (begin, _) in itertools.pairwise(column):
            assert begin >= end - 1e-6


heights = st.lists(st.floats(1.0, 60.0), min_size=0, max_size=40)
bands = st.lists(st.tuples(st.sampled_from([1, 2]), heights), max_size=6)


@given(bands)
def test_every_line_is_placed_once_in_its_order_or_counted_as_left_out(
    wanted: list[tuple[int, list[float]]],
) -> None:
    given_bands = [
        Band(columns=columns, lines=tuple(strip(h, f"{b}.{k}") for k, h in enumerate(some)))
        for b, (columns, some) in enumerate(wanted)
    ]
    pages, left_out = laid_out(given_bands, SMALL, 3)
    found = [name for page in pages for name in names(page)]
    everything = [f"{b}.{k}" for b, (_, some) in enumerate(wanted) for k in range(len(some))]
    assert found == everything[: len(found)]
    assert len(found) + left_out == len(everything)
    assert len(pages) <= 3
    for page in pages:
        assert_apart(page, SMALL)


def test_a_title_is_never_the_last_line_of_a_page() -> None:
    lines = [strip(150.0, "a"), strip(20.0, "title", with_next=True), strip(20.0, "b")]
    pages, _ = laid_out([Band(lines=tuple(lines))], SMALL, 3)
    assert [names(page) for page in pages] == [["a"], ["title", "b"]]


def test_the_head_of_a_table_is_said_again_where_it_goes_on() -> None:
    head = strip(10.0, "head", with_next=True)
    rows = tuple(strip(50.0, f"row {k}", again=(head,)) for k in range(5))
    pages, _ = laid_out([Band(lines=(head, *rows))], SMALL, 3)
    assert [names(page) for page in pages] == [
        ["head", "row 0", "row 1", "row 2"],
        ["head", "row 3", "row 4"],
    ]


def test_columns_are_of_about_the_same_height() -> None:
    lines = tuple(strip(10.0, str(k)) for k in range(11))
    (page,), _ = laid_out([Band(lines=lines, columns=2)], SMALL, 1)
    left = [placed for placed in page if placed.x == min(one.x for one in page)]
    assert len(left) in (5, 6)


def test_columns_begin_at_the_same_height() -> None:
    lines = (Line(height=9.0), *(strip(10.0, str(k)) for k in range(6)))
    (page,), _ = laid_out([Band(lines=lines, columns=2)], SMALL, 1)
    tops = {x: min(one.y for one in page if one.x == x) for x in {one.x for one in page}}
    assert set(tops.values()) == {19.0}


def test_a_strip_higher_than_a_page_does_not_stop_the_rest() -> None:
    pages, left_out = laid_out([Band(lines=(strip(900.0, "high"), strip(9.0, "low")))], SMALL, 3)
    assert [names(page) for page in pages] == [["high"], ["low"]]
    assert left_out == 0


@given(st.text(max_size=80), st.floats(15.0, 200.0))
def test_wrapped_words_fit_their_width_and_lose_no_letter(text: str, width: float) -> None:
    lines = wrapped(text, 7.0, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line, 7.0) <= width + 1e-3 or len(line) == 1 for line in lines)


def test_a_number_and_its_unit_are_never_on_two_lines() -> None:
    assert wrapped("Total sleep time 412.5\u2009min", 7.0, 60.0) == [
        "Total sleep time",
        "412.5\u2009min",
    ]


def test_what_explains_a_table_stays_with_its_last_row() -> None:
    table = Table(head=("", "n"), rows=(("a", "1"), ("b", "2")), foot="n is a number.")
    *_, last, foot, _ = part_lines(table, 248.6)
    assert [piece.text for piece in foot.pieces] == ["n is a number."]
    assert last.with_next


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


@pytest.mark.parametrize("width", [248.6, 515.3])
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_no_word_of_a_part_leaves_its_column(part: Table, width: float) -> None:
    for line in part_lines(part, width):
        for piece in line.pieces:
            if isinstance(piece, Box):
                assert piece.x + piece.width <= width + 1e-3
            elif isinstance(piece, Words):
                wide = width_of(piece.text, piece.font.size, bold=piece.font.bold)
                left = piece.x if piece.align == "left" else piece.x - wide
                assert left >= -1e-3
                assert left + wide <= width + 1e-3


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_cut_part_says_how_many_rows_it_leaves_out(part: Table) -> None:
    rows = part.lines if isinstance(part, Notes) else part.rows
    short = cut(part, 1)
    if len(rows) > 1:
        hidden = len(rows) - (1 if isinstance(part, Table) else 0)
        words = "".join(
            piece.text
            for line in part_lines(short, 515.0)
            for piece in line.pieces
            if isinstance(piece, Words)
        )
        assert f"and {hidden} more on the HTML page" in words


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_takes_three_pages_at_most_and_nothing_overlaps(name: str) -> None:
    report = NIGHTS[name]()
    pages, _ = laid_out(night_bands(report, page_about(report)))
    assert 1 <= len(pages) <= 3
    for page in pages:
        assert_apart(page, A4)
        for placed in page:
            for piece in placed.line.pieces:
                right = piece.width if isinstance(piece, Box | Drawing) else 0.0
                if isinstance(piece, Words) and piece.align == "left":
                    right = width_of(piece.text, piece.font.size, bold=piece.font.bold)
                assert placed.x + piece_left(piece) + right <= A4.width - A4.right + 0.01


@pytest.mark.parametrize("name", NIGHTS)
def test_a_drawing_keeps_its_words_off_what_stands_below_it(name: str) -> None:
    report = NIGHTS[name]()
    pages, _ = laid_out(night_bands(report, page_about(report)))
    pieces = (piece for page in pages for placed in page for piece in placed.line.pieces)
    for drawing in (piece for piece in pieces if isinstance(piece, Drawing)):
        left, right, top, bottom = drawing.margins
        wide, high = drawing.width, drawing.height
        figure = Figure(figsize=(wide / 72.0, high / 72.0), dpi=72.0)
        width, height = (wide - left - right) / wide, (high - top - bottom) / high
        with own_style():
            axes = figure.add_axes((left / wide, bottom / high, width, height))
            drawing.draw(axes)
            lowest = axes.get_tightbbox(FigureCanvasAgg(figure).get_renderer())
        assert lowest is not None
        assert lowest.y0 >= -1.0


@pytest.mark.usefixtures("other_letters")
def test_a_simulation_is_told_on_every_sheet_in_any_language() -> None:
    found = Finding("info", "simulate.simulated", "night.edf", "ausgedacht")
    report = replace(next(iter(NIGHTS.values()))(), findings=(found,))
    assert "ausgedacht" in running_of(page_about(report)).banner
    assert running_of(page_about(replace(report, findings=()))).banner == ""


def piece_left(piece: Words | Box | Drawing) -> float:
    return 0.0 if isinstance(piece, Drawing) else piece.x


def said_on(page: list[Placed]) -> str:
    pieces = (piece for placed in page for piece in placed.line.pieces)
    return "\n".join(piece.text for piece in pieces if isinstance(piece, Words))


def printed(make: Callable[[], NightReport]) -> str:
    report = make()
    pages, _ = fitted(partial(night_bands, report, page_about(report)), 3)
    return "\n".join(map(said_on, pages))


def test_what_a_night_lacks_is_said_in_the_pdf() -> None:
    assert "no hypnogram was given" in printed(NIGHTS["without stages"]).replace("\n", " ")


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
        "note": "one study",
    }
    report = NIGHTS["ordinary"]()
    (piece,) = report.profile.evidence
    profile = replace(report.profile, evidence=({**piece, "likelihood": ratio},))
    words = printed(lambda: replace(report, profile=profile)).replace("\n", " ")
    assert "Likelihood ratio of" not in words
    assert "Likelihood ratios are on the HTML page." in words
    assert "PLMS index above 15 per hour" in words


def wordy_night() -> NightReport:
    """Return a night with as many rows in as many sections as nights have at most."""
    report = NIGHTS["3000 movements"]()
    sensors = {f"accelerometer_{name}": report.indices["legs"] for name in ("lumbar", "left_wrist")}
    evidence = report.profile.evidence * 9
    profile = replace(report.profile, evidence=evidence)
    finding = report.findings[0]
    findings = tuple(replace(finding, message=f"{finding.message} {k}") for k in range(12))
    parts = dict.fromkeys(("arms", "trunk", "whole_body"), report.indices["legs"])
    indices = {**report.indices, **parts, **sensors}
    return replace(report, indices=indices, profile=profile, findings=findings)


@pytest.mark.parametrize("make", [*NIGHTS.values(), wordy_night], ids=[*NIGHTS, "wordy"])
def test_the_methods_of_every_night_are_in_its_pdf_to_the_last_word(
    make: Callable[[], NightReport],
) -> None:
    report = make()
    pages, left_out = fitted(partial(night_bands, report, page_about(report)), 3)
    words = "".join("".join(map(said_on, pages)).split())
    (methods, *_) = methods_section(report).parts
    assert isinstance(methods, Notes)
    assert all("".join(harmless(line, 3000).split()) in words for line in methods.lines)
    assert left_out == 0


@pytest.mark.parametrize(("n_less", "n_pages"), [(20, 1), (27, 2)])
def test_rows_give_way_to_a_last_page_that_would_be_nearly_empty(n_less: int, n_pages: int) -> None:
    def bands(most: Amount, rest: Amount) -> tuple[Band, ...]:
        n = 28 if (most, rest) == (ALL, ALL) else n_less
        return (Band(lines=tuple(strip(30.0, str(k)) for k in range(n))),)

    pages, left_out = fitted(bands, 3)
    kept = n_less if n_pages == 1 else 28  # printing less would not have spared the page
    assert (len(pages), sum(map(len, pages)), left_out) == (n_pages, kept, 0)


def test_a_page_that_holds_all_is_printed_with_all_of_it() -> None:
    band = Band(lines=tuple(strip(30.0, str(k)) for k in range(5)))
    asked = []

    def bands(most: Amount, rest: Amount) -> tuple[Band, ...]:
        asked.append((most, rest))
        return (band,)

    pages, left_out = fitted(bands, 3)
    assert (len(pages), left_out, asked) == (1, 0, [(ALL, ALL)])


def test_how_much_more_there_is_is_said_beside_the_last_row() -> None:
    facts = cut(Facts(rows=tuple((str(k), "x") for k in range(9))), 3)
    *_, last, _more, _space = part_lines(facts, 248.6)
    assert last.with_next


def test_a_cut_table_does_not_end_with_the_name_of_rows_that_are_left_out() -> None:
    table = Table(head=("", "n"), rows=(("a", "1"), ("By stage", ""), ("b", "2"), ("c", "3")))
    short = cut(table, 2)
    assert isinstance(short, Table)
    assert (short.rows, short.foot) == ((("a", "1"),), "and 3 more on the HTML page.")


def test_no_word_of_a_table_is_broken_in_a_column_if_it_fits_the_page() -> None:
    rows = (("22:36:47", "left ankle", "Wake", "58.9", "159", "2.7", "yes"),)
    head = ("At", "Where", "Stage", "Seconds", "Bursts", "Hz", "Alternating")
    assert is_wide(Table(head=head, rows=rows, n_text=len(head)))
    assert not is_wide(Table(head=head[:3], rows=tuple(row[:3] for row in rows), n_text=3))
