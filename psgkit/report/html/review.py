"""Review on the page of a report: what its script begins with, and its words.

The script is ``page_review.js``.  It keeps changes in the memory of the page and, where the browser
allows it, in the storage of the browser under the digest of what the review begins with; nothing
leaves the machine.
"""

import base64
import hashlib
import json
import zlib

from psgkit.core.reviewed import ReviewStart
from psgkit.report.words.language import _, marked

REVIEWING = (
    ("accept", marked("Accept (a)")),
    ("reject", marked("Reject (x)")),
    ("undo", marked("Undo (u)")),
    ("redo", marked("Redo (U)")),
    ("save", marked("Save review")),
    ("discard", marked("Discard review")),
)
"""Buttons: what each does, and its label."""
_DIGEST_N = 24


def packed_start(start: ReviewStart | None) -> tuple[str, str]:
    """Return what a review begins with, deflated, as base64, and its digest.

    Both are empty where it is not known, and where there is no movement to review.

    Examples
    --------
    >>> packed_start(None)
    ('', '')
    """
    if start is None or not any(start.marks):
        return "", ""
    text = json.dumps(
        {"line": start.line, "marks": start.marks}, allow_nan=False, separators=(",", ":")
    )
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_N]
    return base64.b64encode(zlib.compress(text.encode())).decode("ascii"), digest


def review_words() -> dict[str, str]:
    """Return the words of the script, with names in braces for what it fills in."""
    return {
        "review": _("Review"),
        "accepted": _("accepted"),
        "rejected": _("rejected"),
        "undecided": _("not decided"),
        "decided": _(
            "{decided} of {n} movements decided: {accepted} accepted, {rejected} rejected."
        ),
        "kept": _("Kept in this browser, not yet saved as a file."),
        "not_kept": _("This browser keeps nothing: save the review before you close the page."),
        "choose_first": _("Choose a movement first: by the arrow keys, or by a click."),
        "not_reviewed_here": _("This movement cannot be reviewed here: no channel alone shows it."),
        "taken_over": _(
            "{n} changes that this browser kept of another report of this recording are taken over."
        ),
        "no_longer_fit": _("{n} kept changes no longer fit and are left out: {list}."),
        "unread": _("What this browser kept of a review cannot be read; the review begins anew."),
        "no_undo": _("There is nothing to take back."),
        "no_redo": _("There is nothing to do again."),
        "name_first": _("Type your name first: the review file says who reviewed."),
        "nothing_yet": _("There is nothing to save yet."),
        "saved": _("Saved as {file}. The report with it: psgkit report RECORDING --review {file}"),
        "sure": _("Discard all changes?"),
        "discarded": _("The review was discarded; this browser keeps nothing of it."),
    }
