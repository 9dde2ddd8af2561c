"""What a scorer can do to a scoring: each change becomes an edit, or is refused with words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from psgkit.core.site import Site
from psgkit.errors import ReviewError
from psgkit.review import fields
from psgkit.review.marks import (
    KINDS,
    MOVEMENT_SITES,
    SITES,
    Edit,
    Mark,
    Scoring,
    codes_from,
    window_from,
)

_SLACK_S = 1e-6


def edit_of(change: Mapping[str, Any], scoring: Scoring, duration_s: float) -> Edit:
    """Return the edit that a change makes.

    Parameters
    ----------
    change : mapping
        ``action`` and what it needs; see ``ACTIONS``.
    scoring : Scoring
        As it is now.
    duration_s : float
        Of the recording.

    Raises
    ------
    ReviewError
        Naming the field that is wrong, what was found and what was wanted.

    Examples
    --------
    >>> from psgkit.review.marks import Stages, Window
    >>> mark = Mark.as_found(id="m1", kind="lm", onset_s=3.0, end_s=5.0, site="left_leg")
    >>> now = Scoring(marks={"m1": mark}, stages=Stages(codes=()), lights=Window(off_s=0, on_s=9))
    >>> edit_of({"action": "reject", "id": "m1"}, now, 9.0).marks["m1"].status
    'rejected'
    """
    given = fields.table(change, "change")
    action = fields.one_of(given.get("action"), "change: action", tuple(ACTIONS))
    edit = ACTIONS[action](given, scoring, duration_s)
    same_marks = all(scoring.marks.get(name) == mark for name, mark in edit.marks.items())
    if same_marks and edit.stages is None and edit.lights is None:
        return Edit()
    return edit


def _mark(given: Mapping[str, Any], scoring: Scoring, key: str = "id") -> Mark:
    return _marked(given.get(key), f"change: {key}", scoring)


def _marked(name: object, where: str, scoring: Scoring) -> Mark:
    mark = scoring.marks.get(name) if isinstance(name, str) else None
    if mark is None:
        raise ReviewError(where, fields.shown(name), "the id of a mark of this review")
    return mark


def _one(mark: Mark) -> Edit:
    return Edit(marks={mark.id: mark})


def _accept(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    return _one(replace(_mark(given, scoring), status="accepted"))


def _reject(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    return _one(replace(_mark(given, scoring), status="rejected"))


def _reset(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    mark = _mark(given, scoring)
    found = mark.found or mark.now
    back = replace(mark, kind=found.kind, onset_s=found.onset_s, end_s=found.end_s)
    return _one(replace(back, site=found.site, status="undecided"))


def _add(given: Mapping[str, Any], scoring: Scoring, duration_s: float) -> Edit:
    kind = fields.one_of(given.get("kind"), "change: kind", KINDS)
    site = _site_of(given.get("site", ""), kind)
    onset_s, end_s = _span(given, duration_s)
    return _one(
        Mark(
            id=_new_id(scoring),
            kind=kind,
            onset_s=onset_s,
            end_s=end_s,
            site=site,
            status="accepted",
        )
    )


def _move(given: Mapping[str, Any], scoring: Scoring, duration_s: float) -> Edit:
    onset_s, end_s = _span(given, duration_s)
    mark = _mark(given, scoring)
    return _one(replace(mark, onset_s=onset_s, end_s=end_s, status="accepted"))


def _change(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    mark = _mark(given, scoring)
    if "kind" not in given and "site" not in given:
        raise ReviewError("change", "neither kind nor site", 'one, such as "site": "right_leg"')
    kind = fields.one_of(given.get("kind", mark.kind), "change: kind", KINDS)
    site = _site_of(given.get("site", mark.site), kind)
    return _one(replace(mark, kind=kind, site=site, status="accepted"))


def _split(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    mark = _mark(given, scoring)
    at_s = fields.number(given.get("at_s"), "change: at_s")
    if not mark.onset_s < at_s < mark.end_s:
        wanted = f"a time within the mark, between {mark.onset_s:g} and {mark.end_s:g} s"
        raise ReviewError("change: at_s", f"{at_s:g}", wanted)
    first = replace(mark, end_s=at_s, status="accepted")
    second = replace(
        mark, id=_new_id(scoring), onset_s=at_s, status="accepted", origin="added", found=None
    )
    return Edit(marks={first.id: first, second.id: second})


def _join(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    names = fields.rows(given.get("ids"), "change: ids")
    marks = [_marked(name, "change: ids", scoring) for name in names]
    different = {mark.id for mark in marks}
    if len(different) < 2 or len(different) != len(marks):  # noqa: PLR2004 - a pair at least
        raise ReviewError("change: ids", fields.shown(names), "two or more different marks")
    alike = {(mark.kind, mark.site) for mark in marks}
    if len(alike) > 1:
        found = " and ".join(sorted(f"{kind} at {site or 'no site'}" for kind, site in alike))
        raise ReviewError("change: ids", found, "marks of one kind and site")
    first = min(marks, key=lambda mark: mark.onset_s)
    end_s = max(mark.end_s for mark in marks)
    return Edit(
        marks={
            **{mark.id: None for mark in marks},
            first.id: replace(first, end_s=end_s, status="accepted"),
        }
    )


def _comment(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    said = fields.text(given.get("text"), "change: text")
    return _one(replace(_mark(given, scoring), comment=said))


def _stage(given: Mapping[str, Any], scoring: Scoring, _duration_s: float) -> Edit:
    now = scoring.stages.codes
    first = fields.whole(given.get("first_epoch"), "change: first_epoch", 0, max(len(now) - 1, 0))
    codes = codes_from(given.get("codes"), "change: codes")
    if not codes or first + len(codes) > len(now):
        wanted = f"1 to {len(now) - first} stages: the night has {len(now)} epochs"
        raise ReviewError("change: codes", f"{len(codes)} stages from epoch {first}", wanted)
    return Edit() if now[first : first + len(codes)] == codes else Edit(stages=(first, codes))


def _lights(given: Mapping[str, Any], scoring: Scoring, duration_s: float) -> Edit:
    for key in ("off_s", "on_s"):
        fields.number(given.get(key), f"change: {key}", 0.0, duration_s)
    window = window_from(given, "change")
    return Edit() if window == scoring.lights else Edit(lights=window)


def _span(given: Mapping[str, Any], duration_s: float) -> tuple[float, float]:
    """Return onset and end of a mark, which lies in the recording and has a length."""
    onset_s = fields.number(given.get("onset_s"), "change: onset_s", 0.0, duration_s)
    end_s = fields.number(given.get("end_s"), "change: end_s", 0.0, duration_s)
    if not end_s > onset_s + _SLACK_S:
        raise ReviewError("change: end_s", f"{end_s:g}", f"more than onset_s, {onset_s:g}")
    return onset_s, end_s


def _site_of(value: object, kind: str) -> str:
    """Return the site of a mark; a movement needs one, and an artefact without hides all."""
    if kind == "lm":
        return fields.one_of(value, "change: site", MOVEMENT_SITES)
    site = fields.one_of(value, "change: site", SITES)
    return site or (Site.WHOLE_BODY.value if kind == "artifact" else "")


def _new_id(scoring: Scoring) -> str:
    start = len(scoring.marks) + 1
    return next(name for name in map("a{}".format, count(start)) if name not in scoring.marks)


ACTIONS: Mapping[str, Callable[[Mapping[str, Any], Scoring, float], Edit]] = {
    "accept": _accept,
    "reject": _reject,
    "reset": _reset,
    "add": _add,
    "move": _move,
    "change": _change,
    "split": _split,
    "join": _join,
    "comment": _comment,
    "stage": _stage,
    "lights": _lights,
}
"""What each action of a change does; the values it needs are those of the change."""
