"""Movements of accelerometers on the page of a review, in a real browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psgkit.review.review_file import read_review
from tests.review.conftest import Starter

PROGRAM = """
import sys
from pathlib import Path
from psgkit.review.server import serve
from tests.review.nights import session_in

serve(session_in(Path(sys.argv[1]), scorer=sys.argv[2], kind="akathisia"), browser=False)
"""


def undoable(page: Any, n: int) -> None:  # noqa: ANN401
    page.wait_for_selector(f"#undo:text-is('Undo ({n})')")


def lane(page: Any, label: str) -> tuple[float, float, float]:  # noqa: ANN401
    """Return left, right and middle of the lane of a channel, in pixels of the window."""
    rows = page.evaluate("window.psgkitRows()")
    box = page.locator("#plot").bounding_box()
    (row,) = (one for one in rows if one["label"] == label)
    return box["x"] + 92, box["x"] + box["width"], box["y"] + row["top"] + row["tall"] / 2


def test_jerks_are_listed_drawn_on_their_lanes_added_and_moved_to_another_sensor(  # noqa: PLR0915
    start: Starter, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    _process, url = start(PROGRAM)
    page = open_page(url)
    page.select_option("#filter", "accelerometer")
    listed = page.locator("#list li").all_text_contents()
    assert any("left ankle, accelerometer" in one for one in listed)
    assert any("gross movement" in one for one in listed)
    page.locator("#list li").first.click()
    page.wait_for_selector("#plot[data-drawn]:not([data-drawn=''])")
    page.keyboard.press("x")
    undoable(page, 1)
    page.keyboard.press("g")
    page.fill("#go-value", "s 20")
    page.keyboard.press("Enter")
    left, right, middle = lane(page, "Left Ankle Y")
    page.mouse.move(left + 0.2 * (right - left), middle)
    page.mouse.down()
    page.mouse.move(left + 0.25 * (right - left), middle, steps=3)
    page.mouse.up()
    undoable(page, 2)
    assert "left ankle" in page.text_content("#facts")
    page.keyboard.press("d")
    page.select_option("#site-value", "right_ankle")
    page.keyboard.press("Enter")
    undoable(page, 3)
    assert "right ankle" in page.text_content("#facts")
    review = read_review(tmp_path / "review.jsonl")
    (made,) = (one for one in review.now.marks.values() if one.origin == "added")
    assert (made.kind, made.sensor, made.site) == (
        "accelerometer_movement",
        "right_ankle",
        "right_leg",
    )
    assert 30.0 < made.onset_s < 34.0
    rows = [json.loads(line) for line in (tmp_path / "review.jsonl").read_text().splitlines()]
    assert [row["change"]["action"] for row in rows if row["type"] == "change"] == [
        "reject",
        "add",
        "change",
    ]
