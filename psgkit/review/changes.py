"""What a scorer can do to a scoring: each change becomes an edit, or is refused with words."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from itertools import count
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.site import Site
from psgkit.errors import ReviewError
from psgkit.review import fields
from psgkit.review.marks import (
    ALL_KINDS,
    KINDS,
    MOVEMENT_SITES,
    SENSOR_KINDS,
    SITES,
    Edit,
    Mark,
    Scoring,
    SensorPlace,
    codes_from,
    window_from,
)

_SLACK_S = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class NightBounds:
    """Within which a change must lie: length of the recording, and its accelerometers by name."""

    duration_s: float
    sensors: Mapping[str, SensorPlace] = field(default_factory=dict)

    def sensor(self, name: object) -> SensorPlace:
        """Return an accelerometer by its name, or raise with those that there are."""
        place = self.sensors.get(name) if isinstance(name, str) else None
        if place is None:
            there = ", ".join(self.sensors) or "none: this recording has no accelerometer in use"
            raise ReviewError("change: sensor", fields.shown(name), f"one of {there}")
        return place


def edit_of(
    change: Mapping[str, Any],
    scoring: Scoring,
    duration_s: float,
    sensors: Mapping[str, SensorPlace] | None = None,
) -> Edit:
    """Return the edit that a change makes.

    Parameters
    ----------
    change : mapping
        ``action`` and what it needs; see ``ACTIONS``.
    scoring : Scoring
        As it is now.
    duration_s : float
        Of the recording.
    sensors : mapping of name to SensorPlace, optional
        Accelerometers of the recording.

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
    night = NightBounds(duration_s=duration_s, sensors=sensors or {})
    edit = ACTIONS[action](given, scoring, night)
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


def _accept(given: Mapping[str, Any], scoring: Scoring, _night: NightBounds) -> Edit:
    return _one(replace(_mark(given, scoring), status="accepted"))


def _reject(given: Mapping[str, Any], scoring: Scoring, _night: NightBounds) -> Edit:
    return _one(replace(_mark(given, scoring), status="rejected"))


def _reset(given: Mapping[str, Any], scoring: Scoring, night: NightBounds) -> Edit:
    mark = _mark(given, scoring)
    found = mark.found or mark.now
    back = replace(mark, kind=found.kind, onset_s=found.onset_s, end_s=found.end_s)
    if found.sensor != mark.sensor:
        back = _at_sensor(back, found.sensor, night)
    return _one(replace(back, site=found.site, status="undecided"))


def _at_sensor(mark: Mark, name: str, night: NightBounds) -> Mark:
    """Return a movement of an accelerometer as one of another."""
    place = night.sensor(name)
    return replace(mark, sensor=name, site=place.site, channels=place.channels)


def _add(given: Mapping[str, Any], scoring: Scoring, night: NightBounds) -> Edit:
    kind = fields.one_of(given.get("kind"), "change: kind", ALL_KINDS)
    onset_s, end_s = _span(given, night.duration_s)
    mark = Mark(id=_new_id(scoring), kind=kind, onset_s=onset_s, end_s=end_s, status="accepted")
    if mark.of_sensor:
        at = _at_sensor(mark, given.get("sensor", ""), night)
        return _one(replace(at, modality="accelerometer"))
    return _one(replace(mark, site=_site_of(given.get("site", ""), kind)))


def _move(given: Mapping[str, Any], scoring: Scoring, night: NightBounds) -> Edit:
    onset_s, end_s = _span(given, night.duration_s)
    mark = _mark(given, scoring)
    return _one(replace(mark, onset_s=onset_s, end_s=end_s, status="accepted"))


def _change(given: Mapping[str, Any], scoring: Scoring, night: NightBounds) -> Edit:
    mark = _mark(given, scoring)
    if not {"kind", "site", "sensor"} & given.keys():
        raise ReviewError("change", "neither kind nor site", 'one, such as "site": "right_leg"')
    if mark.of_sensor:
        return _change_of_sensor(given, mark, night)
    kind = fields.one_of(given.get("kind", mark.kind), "change: kind", KINDS)
    site = _site_of(given.get("site", mark.site), kind)
    return _one(replace(mark, kind=kind, site=site, status="accepted"))


def _change_of_sensor(given: Mapping[str, Any], mark: Mark, night: NightBounds) -> Edit:
    """Return a movement of an accelerometer as another kind of these, or of another sensor."""
    kind = given.get("kind", mark.kind)
    if kind not in SENSOR_KINDS:
        wanted = f"{' or '.join(SENSOR_KINDS)}: reject this mark, and add one of the other kind"
        raise ReviewError("change: kind", fields.shown(kind), wanted)
    if "sensor" not in given and given.get("site", mark.site) != mark.site:
        wanted = f'the accelerometer, such as "sensor": "{next(iter(night.sensors), "")}"'
        raise ReviewError("change: site", fields.shown(given["site"]), wanted)
    name = given.get("sensor", mark.sensor)
    moved = mark if name == mark.sensor else _at_sensor(mark, name, night)
    return _one(replace(moved, kind=kind, status="accepted"))


def _split(given: Mapping[str, Any], scoring: Scoring, _night: NightBounds) -> Edit:
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


def _join(given: Mapping[str, Any], scoring: Scoring, _night: NightBounds) -> Edit:
    names = fields.rows(given.get("ids"), "change: ids")
    marks = [_marked(name, "change: ids", scoring) for name in names]
    different = {mark.id for mark in marks}
    if len(different) < 2 or len(different) != len(marks):  # noqa: PLR2004 - a pair at least
        raise ReviewError("change: ids", fields.shown(names), "two or more different marks")
    alike = {(mark.kind, mark.sensor or mark.site) for mark in marks}
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


def _comment(given: Mapping[str, Any], scoring: Scoring, _night: NightBounds) -> Edit:
    said = fields.text(given.get("text"), "change: text")
    return _one(replace(_mark(given, scoring), comment=said))


def _stage(given: Mapping[str, Any], scoring: Scoring, _night: NightBounds) -> Edit:
    now = scoring.stages.codes
    first = fields.whole(given.get("first_epoch"), "change: first_epoch", 0, max(len(now) - 1, 0))
    codes = codes_from(given.get("codes"), "change: codes")
    if not codes or first + len(codes) > len(now):
        wanted = f"1 to {len(now) - first} stages: the night has {len(now)} epochs"
        raise ReviewError("change: codes", f"{len(codes)} stages from epoch {first}", wanted)
    return Edit() if now[first : first + len(codes)] == codes else Edit(stages=(first, codes))


def _lights(given: Mapping[str, Any], scoring: Scoring, night: NightBounds) -> Edit:
    for key in ("off_s", "on_s"):
        fields.number(given.get(key), f"change: {key}", 0.0, night.duration_s)
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


ACTIONS: Mapping[str, Callable[[Mapping[str, Any], Scoring, NightBounds], Edit]] = {
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
