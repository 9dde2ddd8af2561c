"""The HTML page: complete, self-contained, and deaf to what labels try."""

import base64
import hashlib
import itertools
import re
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest
from night_fixtures import (
    HOSTILE,
    NO_SLEEP,
    empty_night,
    hostile_night,
    night_without_stages,
    ordinary_night,
)

from psgkit.core.night_report import NightReport
from psgkit.report.html.page import night_as_html
from psgkit.report.terminal import night_as_text
from psgkit.report.words.words import research_only

NIGHTS = [ordinary_night, hostile_night, night_without_stages, empty_night]
VOID = {"meta", "path", "rect", "br", "img", "link"}
DOCUMENT = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "footer",
    "section",
    "nav",
}
TEXT = {
    "details",
    "summary",
    "div",
    "ul",
    "li",
    "b",
    "span",
    "code",
    "p",
    "h1",
    "h2",
    "h3",
    "a",
    "pre",
}
TABLE = {"table", "thead", "tbody", "tr", "th", "td", "caption"}
PROGRAM = {"script", "button", "dialog"}
DRAWING = {"figure", "figcaption", "svg", "path", "rect", "text"}


class Page(HTMLParser):
    """Collect tags, attributes and text; complain about tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)


def words_of(text: str) -> str:
    return " ".join("".join(Page(text).words).split())


@pytest.mark.parametrize("night", NIGHTS)
def test_the_page_is_well_formed_and_runs_its_own_program_only(
    night: Callable[[], NightReport],
) -> None:
    text = night_as_html(night())
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert set(page.tags) <= DOCUMENT | TEXT | TABLE | DRAWING | PROGRAM
    assert page.tags.count("script") == (0 if night is empty_night else 2)
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "style", "action")
        assert name != "href" or value.startswith("#")
        assert "javascript:" not in value.lower()
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


@pytest.mark.parametrize("night", NIGHTS)
def test_headings_names_and_tables_can_be_followed_without_seeing_them(
    night: Callable[[], NightReport],
) -> None:
    text = night_as_html(night())
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - one <= 1 for one, later in itertools.pairwise(levels))
    page = Page(text)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for name, value in page.attributes:
        if name in ("aria-labelledby", "aria-describedby"):
            assert value in ids
        if name == "href":
            assert value.removeprefix("#") in ids
    assert page.tags.count("main") == 1
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        assert 'scope="' in table
    for button in re.findall(r"<button[^>]*>", text):
        assert re.search(r'aria-label="[^"]+"', button)


def digest(content: str) -> str:
    sha256 = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(sha256).decode()}'"


@pytest.mark.parametrize("night", NIGHTS)
def test_the_policy_allows_this_script_and_this_style_and_nothing_else(
    night: Callable[[], NightReport],
) -> None:
    text = night_as_html(night())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert policy[1].split("; ") == [
        "default-src 'none'",
        *(f"script-src {digest(script)}" for script in scripts),
        f"style-src {digest(style[1])}",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_hostile_text_is_shown_as_text() -> None:
    text = night_as_html(hostile_night())
    assert re.findall("<script[^>]*>", text) == [
        '<script type="application/json" id="night-data">',
        "<script>",
    ]
    assert "<img" not in text
    shown = words_of(text)
    for part in ("<script>alert(1)</script>", "{{ 7*7 }}", "[bold red]boo[/bold red]"):
        assert part in shown
    assert r"\x1b[2J\x07bell" in shown
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    text.encode("utf-8")
    assert sum(part in shown for part in HOSTILE) >= 6


def test_it_says_what_the_terminal_says() -> None:
    night = ordinary_night()
    shown = words_of(night_as_html(night))
    for line in night_as_text(night, width=200).splitlines():
        for cell in re.split(r"\s{2,}|[─█▏▎▍▌▋▊▉]+", line.strip()):
            assert cell.removeprefix("! ").split(" [")[0] in shown, cell


@pytest.mark.parametrize("night", NIGHTS)
def test_the_disclaimer_is_at_both_ends(night: Callable[[], NightReport]) -> None:
    assert words_of(night_as_html(night())).count(research_only()) == 2


def test_a_reason_for_a_whole_group_is_said_once_a_group() -> None:
    shown = words_of(night_as_html(night_without_stages()))
    assert shown.count(NO_SLEEP) == 3
    assert not re.search(r"\b(nan|None)\b", shown)


def test_every_movement_is_in_the_table() -> None:
    text = night_as_html(ordinary_night())
    table = text[text.index('id="movements"') : text.index("</main>")]
    assert "All movements (40)" in table
    assert table.count("<tr>") == 41
    assert "22:41:25" in table  # second movement, 620 s after 22:31:05


def test_a_night_without_movements_has_no_movement_table() -> None:
    text = night_as_html(empty_night())
    assert "All movements" not in text
    assert "<figure>" not in text


def test_three_thousand_movements_make_a_page_below_two_megabytes() -> None:
    assert len(night_as_html(ordinary_night(3000))) < 2_000_000


def test_the_same_night_gives_the_same_page() -> None:
    assert night_as_html(hostile_night()) == night_as_html(hostile_night())


def test_the_histogram_is_left_out_if_nothing_was_counted() -> None:
    night = ordinary_night()
    histogram = night.imi["legs"]
    nothing = np.zeros_like(histogram.sleep_n)
    empty = type(histogram)(edges_s=histogram.edges_s, sleep_n=nothing, wake_n=nothing)
    text = night_as_html(ordinary_night(imi={"legs": empty}))
    assert "Intervals between movements" in night_as_html(night)
    assert "Intervals between movements" not in text
