"""What a browser keeps of a review on the page of a report, when it no longer fits the page."""

import json
from pathlib import Path
from typing import Any

import pytest

from psgkit.review.review_file import read_review
from tests.review.test_review_on_page import Opener, night, open_first, open_page, saved

__all__ = ["night", "open_page"]


def kept(page: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
    """Return the key and the content of what the browser keeps of the review."""
    key, text = page.evaluate(
        """Object.entries(localStorage).find(([key]) => key.startsWith("psgkit-review-"))"""
    )
    return str(key), json.loads(text)


def keep(page: Any, key: str, content: object) -> None:  # noqa: ANN401
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, json.dumps(content)])


def again(page: Any) -> str:  # noqa: ANN401
    page.reload()
    page.wait_for_selector("html[data-review=ready]")
    return str(page.locator("#review-said").text_content())


def rejected_one(open_page: Opener, night: Path) -> Any:  # noqa: ANN401
    page = open_page(night / "report.html")
    open_first(page)
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    return page


def test_kept_changes_that_no_longer_fit_are_listed_and_the_others_are_made(
    open_page: Opener, night: Path, tmp_path: Path
) -> None:
    page = rejected_one(open_page, night)
    key, content = kept(page)
    (rejected,) = content["changes"]
    gone = {**rejected, "ids": ["m9999"]}
    content["changes"] = [
        gone,
        rejected,
        {"what": "accept"},
        {"what": "undo"},  # of what does not fit: the rejection stays
        {"what": "sign", "ids": rejected["ids"]},
        None,
    ]
    content["places"]["m9999"] = {"kind": "lm", "site": "left_leg", "onset_s": 5.0, "end_s": 6.0}
    keep(page, key, content)
    said = again(page)
    assert "4 kept changes no longer fit and are left out: rejected 5 s; accepted" in said
    assert "1 rejected" in page.locator("#review-count").text_content()
    page.fill("#review-who", "A. Meier")
    review = read_review(saved(page, tmp_path))
    assert len(review.done) == 1


@pytest.mark.parametrize("text", ["{", '"x"', "{}", '{"changes": 3}'])
def test_what_cannot_be_read_is_said(open_page: Opener, night: Path, text: str) -> None:
    page = rejected_one(open_page, night)
    key, _content = kept(page)
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
    assert "cannot be read" in again(page)
    assert "0 of" in page.locator("#review-count").text_content()


def test_changes_of_an_earlier_report_of_the_recording_are_taken_over_by_place(
    open_page: Opener, night: Path
) -> None:
    page = rejected_one(open_page, night)
    _key, content = kept(page)
    (name, *others) = content["changes"][0]["ids"]
    # as the page of other settings kept it: another digest, other ids
    content["changes"][0]["ids"] = ["m700", *others]
    content["places"]["m700"] = content["places"].pop(name)
    page.evaluate("localStorage.clear()")
    keep(page, "psgkit-review-0123456789abcdef", content)
    assert "1 changes that this browser kept of another report" in again(page)
    assert "1 rejected" in page.locator("#review-count").text_content()
    page.click("[data-review=discard]")
    page.click("[data-review=discard]")
    assert "taken over" not in again(page)
    assert "0 of" in page.locator("#review-count").text_content()


def test_changes_of_another_recording_are_left_alone(open_page: Opener, night: Path) -> None:
    page = rejected_one(open_page, night)
    _key, content = kept(page)
    page.evaluate("localStorage.clear()")
    keep(page, "psgkit-review-0123456789abcdef", {**content, "recording": "other"})
    assert again(page) == ""
    assert "0 of" in page.locator("#review-count").text_content()
