"""A review in a real browser: scored from the keyboard, killed in the middle, resumed, signed."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgkit.cli.review import _ended
from psgkit.review.walk import ReviewChoice, open_review
from psgkit.simulate.files import write_night
from tests.night_store import kept_folder, simulated
from tests.review.conftest import REPOSITORY, Starter

EVIL = '<img src=x onerror="window.hacked=1"></script>'
PROGRAM = f"""
import sys
from dataclasses import replace
from pathlib import Path
from psgkit.review.server import serve
from tests.review.nights import session_in

session = session_in(Path(sys.argv[1]), scorer=sys.argv[2])
night = session.rescorer.night
first, *others = night.recording.channels
renamed = replace(first, label={EVIL!r})
session.rescorer.night = night = replace(
    night, recording=replace(night.recording, channels=(renamed, *others))
)
session.folder = Path(sys.argv[1]) / "signed"
serve(session, browser=False)
"""


def changes_of(page: Any, n: int) -> None:  # noqa: ANN401
    """Wait until ``n`` changes can be undone."""
    page.wait_for_selector("#undo:disabled" if n == 0 else f"#undo:text-is('Undo ({n})')")


def test_a_night_is_scored_from_the_keyboard_killed_resumed_and_signed(  # noqa: PLR0915
    start: Starter, open_page: Callable[..., Any]
) -> None:
    process, url = start(PROGRAM)
    page = open_page(url, lost=True)
    assert page.url == url.split("?")[0], "the secret has left the address"
    page.keyboard.press("n")
    page.wait_for_selector("#list [aria-selected=true]")
    for n, key in enumerate(["x", "n", "a", "j", "s", "2", "R"]):
        page.keyboard.press(key)
        if n == 2:
            changes_of(page, 2)
    changes_of(page, 5)
    page.keyboard.press("u")
    changes_of(page, 4)
    page.keyboard.press("U")
    changes_of(page, 5)
    said = page.text_content("#count")
    process.send_signal(signal.SIGKILL)
    process.wait()
    page.keyboard.press("a")
    page.wait_for_selector("#banner:visible")
    assert "on the disk" in page.text_content("#banner")

    process, url = start(PROGRAM)
    page = open_page(url)
    changes_of(page, 5)
    assert page.text_content("#count") == said
    page.keyboard.press("n")
    page.keyboard.press("c")
    page.fill("#comment-value", EVIL)
    page.click("#dialog-comment button[value=ok]")
    changes_of(page, 6)
    assert EVIL in page.text_content("#facts")
    page.click("#sign")
    page.wait_for_selector("#dialog-sign[open]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog-signed[open]")
    assert "signed by AB" in page.text_content("#who")
    page.click("#dialog-signed button[value=close]")
    assert process.wait() == 0
    assert page.evaluate("window.hacked") is None


def test_marks_are_added_moved_and_undone_by_mouse(  # noqa: PLR0915
    start: Starter, open_page: Callable[..., Any]
) -> None:
    _, url = start(PROGRAM)
    page = open_page(url)
    page.keyboard.press("Home")
    page.wait_for_selector("#plot[data-drawn='0 60']")
    box = page.locator("#plot").bounding_box()
    y = box["y"] + box["height"] * 0.75
    page.mouse.move(box["x"] + 300, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 340, y, steps=4)
    page.mouse.up()
    changes_of(page, 1)
    assert "right leg" in page.text_content("#facts")
    assert "added" in page.text_content("#facts")
    # drag its end
    before = page.text_content("#facts")
    page.keyboard.down("Alt")
    page.mouse.move(box["x"] + 340, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 420, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Alt")
    changes_of(page, 2)
    assert page.text_content("#facts") != before
    # an arousal, by the kind that dragging adds
    page.select_option("#kind", "arousal")
    page.mouse.move(box["x"] + 500, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 560, y, steps=4)
    page.mouse.up()
    changes_of(page, 3)
    assert "arousal" in page.text_content("#facts").lower()
    for n in (2, 1, 0):
        page.keyboard.press("u")
        changes_of(page, n)


def test_keys_move_through_the_night(start: Starter, open_page: Callable[..., Any]) -> None:
    _, url = start(PROGRAM)
    page = open_page(url)
    # a drawn window has the samples of the server
    with page.expect_response("**/api/signal?*") as answer:
        page.keyboard.press("End")
    assert len(answer.value.body()) > 10_000
    for keys, drawn in [
        (["Home"], "0 60"), (["Space"], "60 60"), (["Shift+Space"], "0 60"),
        (["ArrowRight"], "15 60"),
        (["["], "30 30"), (["Home", "]", "]"], "0 120"), (["End"], "3480 120"),
    ]:  # fmt: skip
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_selector(f"#plot[data-drawn='{drawn}']")
    page.keyboard.press("g")
    page.fill("#go-value", "e 11")
    page.keyboard.press("Enter")
    page.wait_for_selector("#plot[data-drawn='300 120']")
    page.keyboard.press("g")
    page.fill("#go-value", "noon")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said.bad")
    page.keyboard.press("?")
    page.wait_for_selector("#dialog-help[open]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_window_and_lists_can_be_read(
    start: Starter, open_page: Callable[..., Any], scheme: str
) -> None:
    _, url = start(PROGRAM)
    page = open_page(url, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    marks = page.get_by_role("listbox", name="Marks")
    assert marks.get_by_role("option").count() > 10
    marks.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = marks.get_attribute("aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    page.select_option("#filter", "short_interval")
    assert page.get_by_role("tab", name="Indices").get_attribute("aria-selected") == "false"
    page.get_by_role("tab", name="Indices").click()
    assert "PLMS index" in page.text_content("#indices")
    assert page.evaluate("window.hacked") is None


def test_the_page_is_in_german(start: Starter, open_page: Callable[..., Any]) -> None:
    german = PROGRAM.replace(
        "serve(session", "from psgkit.report.words.language import in_language\n"
        "with in_language('de'): serve(session",
    )  # fmt: skip
    _, url = start(german)
    page = open_page(url)
    assert page.get_attribute("html", "lang") == "de"
    assert page.get_by_role("tab", selected=True).text_content() == "Markierungen"
    page.keyboard.press("n")
    assert "Bewegung" in page.text_content("#facts")
    page.keyboard.press("x")
    page.wait_for_selector("#undo:text-is('Rückgängig (1)')")
    page.click("#sign")
    assert "unterschreiben" in page.text_content("#dialog-sign")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Hinweise").click()
    said = page.text_content("#cautions")
    assert "The recording" not in said


def test_ctrl_c_ends_it_at_any_time(start: Starter) -> None:
    process, url = start(PROGRAM)
    assert url.startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


def test_the_terminal_says_where_the_review_is_when_it_ends(tmp_path: Path) -> None:
    night = kept_folder("night to review", lambda to: write_night(simulated("rls", hours=0.5), to))
    command = [sys.executable, "-m", "psgkit", "review", str(night / "night.edf"), "--no-browser"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "out"), "--scorer", "AB"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 0
    assert f"not signed yet; every change is in {tmp_path / 'out' / 'review.jsonl'}" in said


def test_a_signed_review_ends_with_the_command_of_its_pdf(tmp_path: Path) -> None:
    night = kept_folder("night to review", lambda to: write_night(simulated("rls", hours=0.5), to))
    folder = tmp_path / "my out"
    session = open_review(night / "night.edf", ReviewChoice(scorer="AB", folder=folder))
    session.sign("")
    session.close()
    said = _ended(session, night / "night.edf")
    assert said.startswith(f"signed by AB: open {folder}/report.html; a PDF")
    assert f"--review '{folder}/review.jsonl' --out '{folder}' --pdf" in said
