"""The page in a real browser: what can be done with it, and what it never does."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import night_store
import pytest
from night_fixtures import (
    empty_night,
    hostile_night,
    night_without_stages,
    ordinary_night,
    scored,
)
from pypdf import PdfReader
from rounds import first_of

from psgkit.core.night_report import NightReport
from psgkit.core.trace import NightTrace
from psgkit.report.html.page import night_as_html, page_as_html
from psgkit.report.html.signals import excerpts_of
from psgkit.report.page_model import Facts, Figure, Page, Section, Table

PHONE = {"width": 375, "height": 720}
DESK = {"width": 1200, "height": 900}
A4_INNER_PX = 703
"""What is left of 210 mm between margins of 12 mm, at 96 px an inch."""

Opener = Callable[..., Any]


@pytest.fixture(scope="module")
def simulated() -> tuple[NightReport, NightTrace]:
    return night_store.traced("rls", hours=0.5)


@pytest.fixture(scope="module")
def page_file(
    simulated: tuple[NightReport, NightTrace], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(night_as_html(*simulated), encoding="utf-8")
    return path


@pytest.fixture
def open_page(browser: Any) -> Iterator[Opener]:  # noqa: ANN401
    """Return what opens a page; the test fails for an error or a request of any page it opened."""
    problems: list[str] = []
    contexts = []

    def opened(path: Path, **wanted: Any) -> Any:  # noqa: ANN401
        context = browser.new_context(**{"viewport": DESK, **wanted})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: problems.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        asked = path.as_uri()
        page.on(
            "request",
            lambda request: None if request.url == asked else problems.append(request.url),
        )
        page.goto(asked)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def seen_span(page: Any) -> tuple[float, float]:  # noqa: ANN401
    """Return from when to when the axis shows, in seconds."""
    first, _, width, _ = map(float, page.get_attribute("#plot .marks", "viewBox").split())
    return first, first + width


def place_of(page: Any, seconds: float, lane: int) -> tuple[float, float]:  # noqa: ANN401
    """Return where on the screen a time of a lane is."""
    page.locator("#plot").scroll_into_view_if_needed()
    box = page.locator("#plot .marks").bounding_box()
    first, last = seen_span(page)
    data = page.evaluate("JSON.parse(document.getElementById('night-data').textContent).lanes")
    y = box["y"] + data[lane]["top"] + data[lane]["height"] / 2
    return box["x"] + box["width"] * (seconds - first) / (last - first), y


def lane_of(report: NightReport, row: int) -> int:
    """Return the lane of a movement: stages are the first, sites follow in their order."""
    order = ["left_leg", "right_leg", "both_legs"]
    there = [site for site in order if (report.movements.movements.site == site).any()]
    return 1 + there.index(str(report.movements.movements.site[row]))


# what it never does


@pytest.mark.parametrize("viewport", first_of([PHONE, DESK]), ids=["phone", "desk"])
@pytest.mark.parametrize(
    "night",
    [
        ordinary_night,
        hostile_night,
        night_without_stages,
        empty_night,
        lambda: ordinary_night(movements=scored(0)),
        lambda: ordinary_night(3000, duration_s=86400.0),
    ],
    ids=["ordinary", "hostile", "no stages", "empty", "no movements", "3000 movements in 24 h"],
)
def test_it_opens_without_an_error_a_request_or_a_sideways_scroll(
    open_page: Opener,
    tmp_path: Path,
    night: Callable[[], NightReport],
    viewport: dict[str, int],
) -> None:
    path = tmp_path / "report.html"
    path.write_text(night_as_html(night()), encoding="utf-8")
    page = open_page(path, viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert page.evaluate("window.hacked") is None
    if page.locator("#plot").count():
        page.locator("#plot").focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "End", "+", "PageDown", "0"):
            page.keyboard.press(key)
    assert page.evaluate("window.hacked") is None


def test_hostile_text_is_text_in_facts_signals_and_labels(
    open_page: Opener, tmp_path: Path, simulated: tuple[NightReport, NightTrace]
) -> None:
    report, trace = simulated
    evil = '</script><img src=x onerror="window.hacked=1">\u202e' + "\U0001f4a4$" + "x" * 10_000
    channels = tuple(replace(one, labels=(evil,)) for one in trace.channels)
    found = replace(report.movements.movements, channels=((evil,),) * len(report.movements))
    night = replace(
        report,
        source=evil,
        movements=replace(report.movements, movements=found),
        channels=tuple(replace(one, label=evil) for one in report.channels),
    )
    path = tmp_path / "report.html"
    path.write_text(night_as_html(night, replace(trace, channels=channels)), encoding="utf-8")
    page = open_page(path, viewport=PHONE)
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#signal-drawing .signal", state="attached")
    assert "onerror" in page.locator("#signal-drawing .name").first.text_content()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert "\u202e" not in page.content()


def test_the_policy_refuses_a_script_that_is_added(browser: Any, page_file: Path) -> None:  # noqa: ANN401
    page = browser.new_context().new_page()
    page.goto(page_file.as_uri())
    added = """() => {
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        document.body.append(script);
        const image = document.createElement("img");
        image.src = "https://example.invalid/x.png";
        document.body.append(image);
        return window.hacked ?? null;
    }"""
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    assert page.evaluate(added) is None
    assert asked == []
    page.context.close()


def test_without_scripts_the_night_is_there_and_nothing_that_would_not_work(
    open_page: Opener, page_file: Path
) -> None:
    page = open_page(page_file, java_script_enabled=False)
    assert page.locator("#plot .hypnogram").count() == 1
    assert page.locator("#overview .tools").is_hidden()
    assert page.locator("#how").is_hidden()
    assert page.locator("#signal").is_hidden()


# zoom and pan


def test_buttons_and_keys_zoom_pan_and_go_back(open_page: Opener, page_file: Path) -> None:
    page = open_page(page_file)
    whole = seen_span(page)
    page.click("[data-tool=in]")
    first, last = seen_span(page)
    assert last - first == pytest.approx((whole[1] - whole[0]) / 2)
    page.click("[data-tool=right]")
    assert seen_span(page)[0] > first
    page.click("[data-tool=left]")
    page.click("[data-tool=out]")
    assert seen_span(page) == pytest.approx(whole)
    page.locator("#plot").focus()
    for _ in range(30):
        page.keyboard.press("+")
    first, last = seen_span(page)
    assert last - first == pytest.approx(10.0)
    assert 2 <= page.locator("#plot .ticks text").count() <= 16
    page.keyboard.press("0")
    assert seen_span(page) == pytest.approx(whole)


def test_all_lanes_and_the_axis_move_together(open_page: Opener, page_file: Path) -> None:
    page = open_page(page_file)
    page.click("[data-tool=in]")
    page.click("[data-tool=in]")
    first, last = seen_span(page)
    before = page.locator("#plot .ticks text").first.text_content()
    x, y = place_of(page, (first + last) / 2, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=4)
    page.mouse.up()
    moved, end = seen_span(page)
    assert moved > first
    assert end - moved == pytest.approx(last - first)
    assert page.locator("#plot .ticks text").first.text_content() != before
    assert page.locator("#plot .marks").count() == 1  # one drawing, one axis


def test_the_wheel_zooms_with_ctrl_and_scrolls_the_page_without(
    open_page: Opener, page_file: Path
) -> None:
    page = open_page(page_file)
    whole = seen_span(page)
    at = place_of(page, sum(whole) / 2, 0)
    page.mouse.move(*at)
    page.mouse.wheel(0, -300)
    assert seen_span(page) == pytest.approx(whole)
    at = place_of(page, sum(whole) / 2, 0)
    page.mouse.move(*at)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(
        f"document.querySelector('#plot .marks').viewBox.baseVal.width < {whole[1] - whole[0]}"
    )


# facts and signals


def test_hovering_gives_the_facts_of_the_movement_and_leaving_takes_them_away(
    open_page: Opener, page_file: Path, simulated: tuple[NightReport, NightTrace]
) -> None:
    report, _ = simulated
    page = open_page(page_file)
    found = report.movements.movements
    row = 3
    page.mouse.move(*place_of(page, float(found.onset_s[row]) + 0.5, lane_of(report, row)))
    facts = page.locator("#facts")
    assert facts.is_visible()
    shown = facts.inner_text()
    assert f"{found.duration_s[row]:.2f}" in shown
    assert f"{found.onset_s[row]:.2f}" in shown
    page.mouse.move(5, 5)
    assert facts.is_hidden()


def test_a_click_opens_the_signal_with_its_thresholds_and_the_scored_span(
    open_page: Opener, page_file: Path, simulated: tuple[NightReport, NightTrace]
) -> None:
    report, trace = simulated
    page = open_page(page_file)
    found = report.movements.movements
    row = 3
    page.mouse.click(*place_of(page, float(found.onset_s[row]) + 0.5, lane_of(report, row)))
    page.wait_for_selector("#signal-drawing .signal", state="attached")
    drawing = page.locator("#signal-drawing")
    channels_n = len(trace.channels)
    for line in ("signal", "level", "rest", "on", "off"):
        assert drawing.locator(f"path.{line}").count() == channels_n
    assert drawing.locator("rect.this").count() == len(found.channels[row])
    bars = drawing.locator("path.signal").first.get_attribute("d")
    assert bars.count("M") >= 595  # 30 s, 20 values a second
    width = float(drawing.locator("rect.this").first.get_attribute("width"))
    drawn = float(drawing.locator("svg").get_attribute("width"))
    assert width == pytest.approx((drawn - 12) * found.duration_s[row] / 30, rel=0.03)


def test_the_program_unpacks_what_was_packed(
    open_page: Opener, page_file: Path, simulated: tuple[NightReport, NightTrace]
) -> None:
    report, trace = simulated
    page = open_page(page_file)
    codes = page.evaluate(
        """async () => {
        const text = document.getElementById("signal-data").textContent;
        const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
        const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
        return Array.from(new Int8Array(await new Response(stream).arrayBuffer()));
    }"""
    )
    shown = excerpts_of(trace, report).channels
    kept = [code for channel in shown for line in channel.lines for code in line.codes]
    assert codes == [int(code) for code in kept]
    assert max(trace.channels[0].values("high")) > 20


def test_everything_can_be_done_with_the_keyboard(open_page: Opener, page_file: Path) -> None:
    page = open_page(page_file)

    def tab_to(found: str) -> None:
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate(found):
                return

    tab_to("document.activeElement.hash == '#overview'")  # the links to the sections come first
    page.keyboard.press("Enter")
    tab_to("document.activeElement.id == 'plot'")
    assert page.evaluate("document.activeElement.id") == "plot"
    page.keyboard.press("ArrowRight")
    first = page.locator("#facts").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("#facts").inner_text() != first
    page.keyboard.press("Enter")
    page.wait_for_selector("#signal-drawing .signal", state="attached")
    told = page.locator("#signal-facts").text_content()
    page.keyboard.press("ArrowRight")
    assert page.locator("#signal-facts").text_content() != told
    page.keyboard.press("Escape")
    assert page.locator("#signal").is_hidden()
    assert page.evaluate("document.activeElement.id") == "plot"


def test_a_line_of_the_table_opens_its_signal(open_page: Opener, page_file: Path) -> None:
    page = open_page(page_file)
    page.click("#movements summary")
    row = page.locator("#movement-table tbody tr").nth(2)
    onset = row.locator("td").nth(5).text_content()
    row.click()
    assert f"Onset, s: {onset}" in page.locator("#signal-facts").text_content()


def test_a_page_made_without_the_recording_says_that_it_has_no_signals(
    open_page: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(night_as_html(ordinary_night()), encoding="utf-8")
    page = open_page(path)
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "not in this page" in page.locator("#signal-drawing").text_content()


# paper, phone, dark


@pytest.mark.parametrize("paper", first_of(["A4", "Letter"]))
def test_it_prints_with_the_whole_night_and_without_the_list(
    open_page: Opener, page_file: Path, tmp_path: Path, paper: str
) -> None:
    page = open_page(page_file)
    page.click("[data-tool=in]")
    page.click("#movements summary")
    page.pdf(path=tmp_path / "report.pdf", format=paper, prefer_css_page_size=False)
    pages = PdfReader(tmp_path / "report.pdf").pages
    text = " ".join("".join(one.extract_text() for one in pages).split())
    assert 2 <= len(pages) <= 12
    assert "PLMS index" in text
    assert "Onset, s" not in text


@pytest.mark.parametrize("night", [ordinary_night, hostile_night], ids=["ordinary", "hostile"])
def test_nothing_is_cut_off_on_paper(
    open_page: Opener, tmp_path: Path, night: Callable[[], NightReport]
) -> None:
    path = tmp_path / "report.html"
    path.write_text(night_as_html(night()), encoding="utf-8")
    page = open_page(path, viewport={"width": A4_INNER_PX, "height": 1000})
    page.emulate_media(media="print")
    over = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("svg"))
            .map((e) => `${e.tagName} ${e.textContent.slice(0, 40)}`)"""
    )
    assert over == []


def test_dark_screens_get_a_dark_page_and_paper_a_white_one(
    open_page: Opener, page_file: Path
) -> None:
    def brightness(page: Any) -> int:  # noqa: ANN401
        colour = page.evaluate(
            "getComputedStyle(document.querySelector('section')).backgroundColor"
        )
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    assert brightness(open_page(page_file)) == 3 * 255
    dark = open_page(page_file, color_scheme="dark")
    assert brightness(dark) < 200
    dark.emulate_media(media="print", color_scheme="dark")
    assert brightness(dark) == 3 * 255


def test_every_word_of_a_table_of_sentences_is_seen_on_a_phone_without_scrolling_it(
    open_page: Opener, page_file: Path
) -> None:
    page = open_page(page_file, viewport=PHONE)
    cells = page.evaluate(
        """() => [...document.querySelectorAll(".prose :is(th, td)")]
            .filter((e) => e.getBoundingClientRect().width > 0)
            .map((e) => [e.getBoundingClientRect().right, e.dataset.head ?? "", e.textContent])"""
    )
    assert all(right <= PHONE["width"] for right, _, _ in cells)
    named = [[head, words] for _, head, words in cells if head]
    assert ["Grade", "psgkit's own reasoning"] in named
    assert ["Used as", "left leg"] in named
    shown = page.evaluate(
        "getComputedStyle(document.querySelector('.prose td[data-head]'), '::before').content"
    )
    assert "Used as" in shown or "attr" in shown


@pytest.mark.parametrize("step_mm", first_of([40, 8]))
def test_the_foot_of_a_page_is_not_printed_on_a_sheet_of_its_own(
    open_page: Opener, page_file: Path, step_mm: int
) -> None:
    page = open_page(page_file)
    for height in range(260, 340, step_mm):  # wherever the last section ends
        printed = page.pdf(width="210mm", height=f"{height}mm")
        last = PdfReader(io.BytesIO(printed)).pages[-1].extract_text()
        assert not last.lstrip().startswith("Research software"), height


def test_a_link_at_the_top_leads_to_each_section_and_stays_there(
    open_page: Opener, page_file: Path
) -> None:
    page = open_page(page_file)
    links = page.locator(".jump a").all()
    titles = page.locator("main section h2").all()
    assert [link.text_content() for link in links] == [title.text_content() for title in titles]
    page.locator(".jump a", has_text="Evidence").click()
    # a link opens the section it leads to
    page.wait_for_function(
        """() => { const at = document.querySelector(":target"), fold = at?.closest("details");
            return fold?.open && at.getBoundingClientRect().top < 300; }"""
    )
    section = page.locator("section", has=page.locator(":target"))
    assert section.locator("h2").text_content() == "Evidence"
    assert page.locator(".jump").bounding_box()["y"] == pytest.approx(0, abs=1)
    under = page.locator(".jump").bounding_box()["height"]
    assert section.locator("h2").bounding_box()["y"] >= under  # it covers no title
    page.emulate_media(media="print")
    assert not page.locator(".jump").is_visible()


def test_a_finger_drags_the_axis_on_a_phone(open_page: Opener, page_file: Path) -> None:
    page = open_page(page_file, viewport=PHONE, has_touch=True, is_mobile=True)
    page.locator("[data-tool=in]").tap()
    first, last = seen_span(page)
    x, y = place_of(page, (first + last) / 2, 0)
    client = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 40, "y": y}]),
        ("touchMove", [{"x": x - 80, "y": y}]),
        ("touchEnd", []),
    ):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function(
        f"document.querySelector('#plot .marks').viewBox.baseVal.x > {first + 1}"
    )


def test_a_page_of_another_kind_has_no_script_and_fits_a_phone(
    open_page: Opener, tmp_path: Path
) -> None:
    """The legend of a figure once made the page of nights wider than a phone."""
    long = "x " * 60 + "y" * 10_000
    svg = (
        f'<svg viewBox="0 0 1000 60" width="1000pt" height="60pt"><path d="M 0 0 H 1000"/>'
        f'<text x="200" y="30">{long}</text></svg>'
    )
    legend = (("plm", "one night; one index has one scale in all panels, from 0"),)
    figure = Figure(svg=svg, title="Doses", legend=legend)
    page = Page(
        title="Nights",
        subtitle=long,
        banners=(long,),
        headline=((long, long),),
        sections=(
            Section(
                key="a",
                title=long,
                parts=(Facts(rows=((long, long),)), Table(head=("a", "b"), rows=((long, long),))),
            ),
        ),
        disclaimer="",
    )
    path = tmp_path / "nights.html"
    path.write_text(page_as_html(page, figure), encoding="utf-8")
    opened = open_page(path, viewport=PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert opened.locator("script").count() == 0
