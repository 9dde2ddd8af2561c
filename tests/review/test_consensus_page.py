"""Where two reviews differ, stepped through and decided in a real browser, as a third scorer."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgkit.review.review_file import read_review
from tests.review.conftest import Starter

PROGRAM = """
import sys
from pathlib import Path
from psgkit.review.server import serve
from tests.review.nights import consensus_in

session = consensus_in(Path(sys.argv[1]))
session.folder = Path(sys.argv[1]) / "signed"
serve(session, browser=False)
"""


def decided(page: Any, n: int) -> None:  # noqa: ANN401
    """Wait until ``n`` of the nine disagreements are decided."""
    page.wait_for_selector(f"#differ-count:has-text('{n} of 9 decided')")


def chosen(page: Any) -> str:  # noqa: ANN401
    """Return what the list says of the chosen disagreement."""
    return str(page.text_content("#differ-list [aria-selected=true]"))


def test_disagreements_are_decided_from_the_keyboard_and_signed(  # noqa: PLR0915
    start: Starter, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    process, url = start(PROGRAM)
    page = open_page(url, lost=True)
    assert "consensus of AB and CD" in page.text_content("#who")
    assert page.get_by_role("tab", selected=True).text_content() == "Disagreements (9)"
    page.keyboard.press("j")
    assert "lights" in chosen(page)
    page.keyboard.press("e")
    page.wait_for_selector("#said:has-text('lights')")
    page.keyboard.press("b")
    decided(page, 1)
    assert "B's" in chosen(page)
    page.keyboard.press("n")
    assert "left leg" in chosen(page)
    assert "A (AB): nothing" in page.text_content("#facts")
    page.keyboard.press("x")
    decided(page, 2)
    page.keyboard.press("n")
    assert "stages, 2 epochs" in chosen(page)
    page.keyboard.press("a")
    decided(page, 3)
    page.keyboard.press("u")
    decided(page, 2)
    page.keyboard.press("U")
    decided(page, 3)
    # the same key takes a decision back
    page.keyboard.press("a")
    decided(page, 2)
    process.send_signal(signal.SIGKILL)
    process.wait()

    process, url = start(PROGRAM)
    page = open_page(url)
    decided(page, 2)
    page.select_option("#differ-filter", "edges")
    assert page.locator("#differ-list li").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("e")
    decided(page, 3)
    page.select_option("#differ-filter", "open")
    assert page.locator("#differ-list li").count() == 6
    for n in range(4, 10):
        page.keyboard.press("n")
        page.keyboard.press("a")
        decided(page, n)
    page.keyboard.press("n")
    page.wait_for_selector("#said:has-text('All disagreements are decided')")
    page.click("#sign")
    page.wait_for_selector("#dialog-sign[open]")
    assert page.is_hidden("#sign-left")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog-signed[open]")
    page.click("#dialog-signed button[value=close]")
    assert process.wait() == 0
    assert len(read_review(tmp_path / "review_consensus.jsonl").now.decided) == 9
    assert (tmp_path / "signed" / "report.html").exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window_decides_by_touching_buttons(
    start: Starter, open_page: Callable[..., Any], scheme: str
) -> None:
    _, url = start(PROGRAM)
    page = open_page(url, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    rows = page.get_by_role("listbox", name="Disagreements").get_by_role("option")
    assert rows.count() == 9
    rows.nth(2).click()
    assert page.is_disabled("[data-take=both]"), "an epoch has one stage"
    page.click("[data-take=second]")
    decided(page, 1)
    assert page.get_attribute("[data-take=second]", "aria-pressed") == "true"
    page.click("#sign")
    assert "8 of 9 disagreements are not decided" in page.text_content("#sign-left")


def test_a_mark_outside_the_disagreements_is_corrected_as_in_any_review(
    start: Starter, open_page: Callable[..., Any]
) -> None:
    _, url = start(PROGRAM)
    page = open_page(url)
    page.click("#tab-marks")
    page.select_option("#sort", "time")
    page.select_option("#filter", "changed")
    page.keyboard.press("j")
    page.wait_for_selector("#list [aria-selected=true]")
    page.keyboard.press("x")
    page.wait_for_selector("#undo:text-is('Undo (1)')")
    assert "0 of 9 decided" in page.text_content("#differ-count")
    page.click("#tab-indices")
    heads = page.locator("#indices table").first.locator("thead th").all_text_contents()
    assert heads == ["", "A", "B", "Now"]
