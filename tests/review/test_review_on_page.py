"""Review on the page of a report, in a real browser: what it saves, and what psgkit makes of it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import night_store
import pytest

from psgkit.core.events import Events
from psgkit.core.movements import Movements
from psgkit.detect.trace import TraceRecorder
from psgkit.night.files import NightChoice, NightFiles
from psgkit.night.scored import score_night
from psgkit.report.html.page import night_as_html
from psgkit.report.words.language import in_language
from psgkit.review.apply import reviewed_report_of_files
from psgkit.review.marks import Mark
from psgkit.review.review_file import Review, read_review
from psgkit.review.start import marks_of_rows
from psgkit.simulate.files import write_night
from psgkit.simulate.night import simulate_night

Command = Callable[..., tuple[int, str, str]]
Opener = Callable[..., Any]
DESK = {"viewport": {"width": 1200, "height": 900}, "reduced_motion": "reduce"}


def fill(folder: Path) -> None:
    """Write a recording with its scoring, and its page in two languages."""
    write_night(simulate_night("rls", hours=1.0, seed=1), folder)
    files = NightFiles(hypnogram=folder / "hypnogram.csv", events=folder / "events.csv")
    recorder = TraceRecorder()
    report = reviewed_report_of_files(folder / "night.edf", files, NightChoice(), recorder=recorder)
    trace = recorder.trace(report.sha256)
    (folder / "report.html").write_text(night_as_html(report, trace), encoding="utf-8")
    with in_language("de"):
        (folder / "bericht.html").write_text(night_as_html(report, trace), encoding="utf-8")


@pytest.fixture(scope="module")
def night() -> Path:
    return night_store.kept_folder("night with its page", fill)


@pytest.fixture
def open_page(browser: Any) -> Iterator[Opener]:  # noqa: ANN401
    """Return what opens a page in a browser of its own, and fails for any error or request."""
    problems: list[str] = []
    contexts = []

    def opened(path: Path, before: str = "", **wanted: Any) -> Any:  # noqa: ANN401
        context = browser.new_context(**{**DESK, **wanted})
        contexts.append(context)
        page = context.new_page()
        if before:
            page.add_init_script(before)
        page.on("console", lambda said: problems.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        address = path.as_uri()
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((address, "blob:")) else problems.append(asked.url)
            ),
        )
        page.goto(address)
        page.wait_for_selector("html[data-review=ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def facts(page: Any) -> str:  # noqa: ANN401
    return str(page.locator("#signal-facts").text_content())


def onsets(page: Any) -> list[str]:  # noqa: ANN401
    """Return the onsets of the table, in its order."""
    return page.evaluate(
        """[...document.querySelectorAll("#movement-table tbody tr")]
            .map((row) => row.cells[6].textContent)"""
    )


def saved(page: Any, folder: Path) -> Path:  # noqa: ANN401
    with page.expect_download() as download:
        page.click("[data-review=save]")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def open_first(page: Any) -> None:  # noqa: ANN401
    page.locator("#plot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#signal-drawing .signal", state="attached")


# the viewer


@pytest.mark.parametrize("how", ["Enter", "click", "table"])
def test_an_arrow_goes_from_the_movement_that_is_open_to_the_next_of_the_list(
    open_page: Opener, night: Path, how: str
) -> None:
    """The focus went to the dialog, the movement was forgotten, and the first one came."""
    page = open_page(night / "report.html")
    every = onsets(page)
    if how == "table":
        page.click("#movements summary")
        page.locator("#movement-table tbody tr").nth(5).click()
    else:
        page.locator("#plot").focus()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        if how == "Enter":
            page.keyboard.press("Enter")
        else:
            box = page.locator("#plot .chosen").bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.mouse.move(3, 3)
    assert page.locator("#signal").is_visible()
    (at,) = [row for row, onset in enumerate(every) if f"Onset, s: {onset} " in facts(page)]
    for key, row in (("ArrowRight", at + 1), ("ArrowRight", at + 2), ("ArrowLeft", at + 1)):
        page.keyboard.press(key)
        assert f"Onset, s: {every[row]} " in facts(page)
    page.click("[data-step=previous]")
    assert f"Onset, s: {every[at]} " in facts(page)


def test_plus_and_minus_act_at_once(open_page: Opener, night: Path) -> None:
    page = open_page(night / "report.html")
    open_first(page)
    scale = page.locator("#signal-drawing text[text-anchor=end]").first
    before = scale.text_content()
    now = "document.querySelector('#signal-drawing text[text-anchor=end]').textContent"
    page.keyboard.press("+")
    page.wait_for_function(f"(was) => {now} !== was", arg=before)
    page.keyboard.press("-")
    page.wait_for_function(f"(was) => {now} === was", arg=before)


# from the page to the report


def decide(page: Any) -> None:  # noqa: ANN401
    """Reject two movements of the left leg, one with a comment; accept one; take one back."""
    page.click("#movements summary")
    rows = page.locator("#movement-table tbody tr")
    left, other = page.evaluate(
        """[...document.querySelectorAll("#movement-table tbody tr")]
            .flatMap((row, k) => row.cells[1].textContent === "left leg" ? [k] : []).slice(0, 2)"""
    )
    rows.nth(left).focus()
    page.keyboard.press("x")
    rows.nth(other).click()
    page.keyboard.press("c")
    page.keyboard.type("jx: heart beat")  # letters of a comment decide nothing
    page.keyboard.press("Enter")
    page.click("#signal [data-review=reject]")
    for key in ("j", "a", "j", "x", "u", "Escape"):
        page.keyboard.press(key)
    assert rows.nth(left).locator("td").first.text_content() == "rejected"
    assert rows.nth(other).locator("td").first.text_content() == "rejected: jx: heart beat"
    assert page.locator("#plot .review-rejected").get_attribute("d").count("M") == 2
    assert page.locator("#plot .review-accepted").get_attribute("d").count("M") == 1
    page.fill("#review-who", "A. Meier")
    page.check("#review-signed")


def test_what_is_decided_on_the_page_becomes_the_report(
    open_page: Opener, night: Path, tmp_path: Path, psgkit: Command
) -> None:
    page = open_page(night / "report.html")
    decide(page)
    file = saved(page, tmp_path)
    assert file.name == "night_review.jsonl"
    review = read_review(file)
    base = [mark for mark in review.base.marks.values() if mark.kind == "lm"]
    rejected = [mark for mark in review.now.marks.values() if mark.status == "rejected"]
    assert [mark.comment for mark in rejected] == ["", "jx: heart beat"]
    assert {mark.status for mark in review.base.marks.values()} == {"undecided"}
    assert review.scorers == ("A. Meier",)
    assert review.signed is not None
    assert len(review.undone) == 1

    scoring = ["--hypnogram", night / "hypnogram.csv", "--events", night / "events.csv"]
    code, said, _ = psgkit(
        "report", night / "night.edf", *scoring, "--review", file, "--out", tmp_path
    )
    assert code == 0
    assert f"2 of {len(base)} movements changed" in " ".join(said.split())
    assert "reviewed by A. Meier on 20" in " ".join(said.split())
    document = json.loads((tmp_path / "report.json").read_text())
    assert document["reviewed"]["changes"]["movements_changed_n"] == 2
    # the marks are those found again: nothing is applied by time
    assert not [one for one in document["findings"] if one["code"].startswith("review.")]
    there = {(one["onset_s"], one["site"]) for one in document["movements"]}
    assert there.isdisjoint((mark.onset_s, mark.site) for mark in rejected)


def test_the_page_of_a_reviewed_report_goes_on_where_the_review_ended(
    open_page: Opener, night: Path, tmp_path: Path, psgkit: Command
) -> None:
    page = open_page(night / "report.html")
    decide(page)
    file = saved(page, tmp_path)
    first = read_review(file)
    scoring = ["--hypnogram", night / "hypnogram.csv", "--events", night / "events.csv"]
    psgkit("report", night / "night.edf", *scoring, "--review", file, "--out", tmp_path)
    again = open_page(tmp_path / "report.html")
    assert "1 accepted, 0 rejected" in again.locator("#review-count").text_content()
    open_first(again)
    again.keyboard.press("x")
    again.keyboard.press("Escape")
    again.fill("#review-who", "B. Kurz")
    second = read_review(saved(again, tmp_path))
    assert second.base == first.base
    assert second.signed is None
    before, after = (
        {mark.id for mark in one.now.marks.values() if mark.status == "rejected"}
        for one in (first, second)
    )
    assert before < after


def test_a_batch_takes_the_file_and_gives_no_name_of_a_file_to_its_pages(
    open_page: Opener, night: Path, tmp_path: Path, psgkit: Command
) -> None:
    source = tmp_path / "nights"
    source.mkdir()
    shutil.copy(night / "night.edf", source / "Maier_Anna.edf")
    page = open_page(night / "report.html")
    open_first(page)
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    page.fill("#review-who", "A. Meier")
    file = saved(page, tmp_path)
    beside = source / "Maier_Anna_review"
    beside.mkdir()
    shutil.copy(file, beside / "review.jsonl")
    assert psgkit("batch", source, "--out", tmp_path / "out", "--jobs", "1")[0] == 0
    (report,) = (tmp_path / "out").rglob("report.json")
    assert json.loads(report.read_text())["reviewed"]["by"] == "A. Meier"
    of_batch = open_page(report.with_name("report.html"))
    of_batch.check("#review-signed")
    of_batch.fill("#review-who", "B. Kurz")
    assert "Maier_Anna" not in saved(of_batch, tmp_path / "out").read_text()


def test_escape_leaves_a_comment_as_it_was_and_the_signal_open(
    open_page: Opener, night: Path
) -> None:
    page = open_page(night / "report.html")
    open_first(page)
    page.keyboard.press("c")
    page.keyboard.type("twitch")
    page.keyboard.press("Enter")
    page.keyboard.press("c")
    page.keyboard.type(" of the toes")
    page.keyboard.press("Escape")
    assert page.locator("#signal").is_visible()
    assert page.input_value("#review-comment") == "twitch"
    assert "twitch" in facts(page)
    page.keyboard.press("j")
    assert page.input_value("#review-comment") == ""
    page.keyboard.press("k")
    assert page.input_value("#review-comment") == "twitch"


# what the browser keeps


def test_a_review_is_there_again_when_the_page_is_opened_again(
    open_page: Opener, night: Path, tmp_path: Path
) -> None:
    page = open_page(night / "report.html")
    open_first(page)
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    page.fill("#review-who", "A. Meier")
    page.locator("#review-who").blur()
    assert "not yet saved" in page.locator("#review-kept").text_content()
    before = page.locator("#review-count").text_content()
    page.reload()
    page.wait_for_selector("html[data-review=ready]")
    assert page.locator("#review-count").text_content() == before
    assert page.input_value("#review-who") == "A. Meier"
    file = saved(page, tmp_path)
    assert [mark.status for mark in read_review(file).now.marks.values()].count("rejected") >= 1
    assert page.locator("#review-kept").text_content() == ""
    other = page.context.new_page()  # the page of another language is of the same scoring
    other.goto((night / "bericht.html").as_uri())
    other.wait_for_selector("html[data-review=ready]")
    assert "1 abgelehnt" in other.locator("#review-count").text_content()
    page.click("[data-review=discard]")
    assert "0 of" not in page.locator("#review-count").text_content()
    page.click("[data-review=discard]")
    page.reload()
    page.wait_for_selector("html[data-review=ready]")
    assert "0 of" in page.locator("#review-count").text_content()


def test_a_browser_that_keeps_nothing_says_so_and_the_review_can_be_saved(
    open_page: Opener, night: Path, tmp_path: Path
) -> None:
    forbidden = """Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("denied", "SecurityError"); } });"""
    page = open_page(night / "report.html", forbidden)
    open_first(page)
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    assert "keeps nothing" in page.locator("#review-kept").text_content()
    page.click("[data-review=save]")
    assert "Type your name first" in page.locator("#review-said").text_content()
    page.fill("#review-who", "A. Meier")
    assert len(read_review(saved(page, tmp_path)).done) == 1


def test_undo_and_redo_go_all_the_way_and_the_file_can_be_replayed(
    open_page: Opener, night: Path, tmp_path: Path
) -> None:
    page = open_page(night / "report.html")
    open_first(page)
    for key in "xajaxjxaajxuUUuuxjaxuuuU":
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.fill("#review-who", "A. Meier")
    review: Review = read_review(saved(page, tmp_path))  # each line is checked against those above
    assert review.now != review.base
    for _ in range(40):
        if page.locator("#review [data-review=undo]").is_disabled():
            break
        page.click("#review [data-review=undo]")
    assert "0 of" in page.locator("#review-count").text_content()
    (tmp_path / "undone").mkdir()
    undone = read_review(saved(page, tmp_path / "undone"))
    assert undone.now == undone.base == review.base


# where there is nothing to review


def test_without_scripts_or_without_marks_there_is_no_review(
    browser: Any,  # noqa: ANN401
    night: Path,
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((night / "report.html").as_uri())
    assert page.locator("#plot .hypnogram").count() == 1
    assert [one for one in page.locator(".if-review").all() if one.is_visible()] == []
    context.close()
    scored = night_as_html(score_night(Events.of([5.0], [7.0], ["lm"], ["left_leg"])))
    assert "review-data" not in scored
    assert "nightView.hooks" not in scored


# which marks a movement is made of


def test_a_mark_belongs_to_the_shortest_movement_that_holds_it() -> None:
    rows = Movements.of(
        [10.0, 15.0, 30.0, 40.0],
        [20.0, 16.0, 31.0, 41.0],
        ["both_legs", "right_leg", "left_leg", "trunk"],
        modality="emg",
    )
    spans = [
        ("long", 10.0, 20.0, "left_leg"), ("early", 10.2, 11.0, "right_leg"),
        ("own", 15.0, 16.0, "right_leg"), ("left", 30.0, 31.0, "left_leg"),
        ("arm", 30.0, 31.0, "left_arm"), ("outside", 31.5, 32.0, "left_leg"),
    ]  # fmt: skip
    marks = [
        Mark(id=name, kind="lm", onset_s=onset, end_s=end, site=site, modality="emg")
        for name, onset, end, site in spans
    ]
    found = marks_of_rows(rows, marks)
    assert list(map(set, found)) == [{"long", "early"}, {"own"}, {"left"}, set()]
    assert marks_of_rows(rows, []) == ((), (), (), ())
