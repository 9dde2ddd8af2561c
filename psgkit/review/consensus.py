"""The consensus of two reviews: where they differ, and what becomes of each decision.

A consensus is a review that begins with what both reviews have.  Each place where they differ is a
``Disagreement``; a decision takes one side, both or neither, and is an edit of the scoring like any
other change, with undo and a line in the review file.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import chain, count, groupby
from typing import Any

from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS
from psgkit.core.finding import Finding, Severity
from psgkit.core.hypnogram import UNSCORED
from psgkit.core.message import translatable
from psgkit.errors import InputFileError, ReviewError
from psgkit.review import fields
from psgkit.review.apply import matched
from psgkit.review.marks import Edit, Mark, Scoring, Window
from psgkit.review.review_file import Review

EDGES_S = 0.5
"""Seconds by which an onset or an end must differ to be a disagreement; as in ``compare``."""
LIGHTS_S = 1.0
KINDS = ("only_first", "only_second", "edges", "site", "kind", "stages", "lights")
TAKES = ("first", "second", "both", "neither")
OWN = "own"
"""Decision of a disagreement whose marks or stages the scorer changed by hand."""
_OPEN = ""
Codes = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """One place in which two reviews differ.

    Attributes
    ----------
    id : str
    kind : one of ``KINDS``
    onset_s, end_s : float
        What both sides span.
    marks : (Mark or None, Mark or None)
        Of each side, undecided, with their ids in the consensus.
    first_epoch, codes : int, (tuple of str, tuple of str)
        Of a run of epochs, the stages of each side.
    lights : (Window, Window) or None
    """

    id: str
    kind: str
    onset_s: float
    end_s: float
    marks: tuple[Mark | None, Mark | None] = (None, None)
    first_epoch: int = 0
    codes: tuple[Codes, Codes] = ((), ())
    lights: tuple[Window, Window] | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        """Return the decisions that are possible: an epoch has one stage, a night one window."""
        if self.lights is not None:
            return TAKES[:2]
        return (*TAKES[:2], "neither") if self.codes[0] else TAKES

    def edit(self, take: str) -> Edit:
        """Return what a decision makes of the scoring; an empty one takes it back."""
        decided = {self.id: take}
        if self.lights is not None:
            return Edit(lights=self.lights[take == "second"], decided=decided)
        if self.codes[0]:
            unscored = (UNSCORED,) * len(self.codes[0])
            codes = {"first": self.codes[0], "second": self.codes[1]}.get(take, unscored)
            return Edit(stages=(self.first_epoch, codes), decided=decided)
        return Edit(marks=self._marks(take), decided=decided)

    def _marks(self, take: str) -> Mapping[str, Mark | None]:
        first, second = self.marks
        if first is None or second is None:
            mark, own = (second, "second") if first is None else (first, "first")
            if mark is None:
                raise ValueError("a disagreement about marks needs one")
            kept = take in (own, "both")
            status = "undecided" if take == _OPEN else "accepted" if kept else "rejected"
            return {mark.id: replace(mark, status=status)}
        status = {_OPEN: "undecided", "neither": "rejected"}.get(take, "accepted")
        mark, extra = replace(first, status=status), None
        if take == "second":
            mark = mark.like(second)
        elif take == "both" and self.kind == "edges":
            onset_s, end_s = min(first.onset_s, second.onset_s), max(first.end_s, second.end_s)
            mark = replace(mark, onset_s=onset_s, end_s=end_s)
        elif take == "both":
            extra = replace(second, status=status)
        return {first.id: mark, second.id: extra}

    def as_dict(self) -> dict[str, Any]:
        """Return the disagreement as a page shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "onset_s": self.onset_s,
            "end_s": self.end_s,
            "marks": [None if mark is None else _shown(mark) for mark in self.marks],
            "first_epoch": self.first_epoch,
            "codes": [list(codes) for codes in self.codes],
            "lights": None
            if self.lights is None
            else [{"off_s": one.off_s, "on_s": one.on_s} for one in self.lights],
            "takes": list(self.takes),
        }


def _shown(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id,
        "kind": mark.kind,
        "onset_s": mark.onset_s,
        "end_s": mark.end_s,
        "site": mark.site,
        "sensor": mark.sensor,
        "comment": mark.comment,
    }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Consensus:
    """Two reviews, where they differ, and the scoring with which their consensus begins.

    Attributes
    ----------
    reviews : (Review, Review)
    disagreements : mapping of id to Disagreement
        In order of time.
    start : Scoring
    agreed_n : int
        Marks that both have.
    """

    reviews: tuple[Review, Review]
    disagreements: Mapping[str, Disagreement]
    start: Scoring
    agreed_n: int
    _of_mark: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of both scorers, or those of the files where one made both."""
        first, second = (review.last[0] for review in self.reviews)
        return (first, second) if first != second else self._file_names()

    def _file_names(self) -> tuple[str, str]:
        first, second = (review.name for review in self.reviews)
        return (first, second) if first != second else (f"{first} (1)", f"{second} (2)")

    @property
    def digests(self) -> tuple[str, ...]:
        """Return a digest of what each review says, which opening it does not change."""
        return tuple(_digest(review.now) for review in self.reviews)

    def edit_of(self, change: Mapping[str, Any], scoring: Scoring) -> Edit:
        """Return the edit of ``{"action": "decide", "id": ..., "take": ...}``.

        Raises
        ------
        ReviewError
            If there is no such disagreement or decision.
        """
        name = change.get("id")
        one = self.disagreements.get(name) if isinstance(name, str) else None
        if one is None:
            raise ReviewError("change: id", fields.shown(name), "the id of a disagreement")
        take = fields.one_of(change.get("take"), "change: take", (*one.takes, _OPEN))
        edit = one.edit(take)
        return Edit() if edit.applied(scoring) == scoring else edit

    def noticed(self, edit: Edit, scoring: Scoring) -> Edit:
        """Return an edit made by hand with the decision that it is."""
        if edit == Edit() or edit.decided:
            return edit
        touched = {self._of_mark[name] for name in edit.marks if name in self._of_mark}
        after = edit.applied(scoring)
        for one in self.disagreements.values():
            if one.lights is not None and edit.lights is not None:
                touched.add(one.id)
            elif one.codes[0] and edit.stages is not None and _covers(edit.stages, one):
                codes = after.stages.codes[one.first_epoch : one.first_epoch + len(one.codes[0])]
                if UNSCORED not in codes:
                    touched.add(one.id)
        decided = {
            name: now
            for name in touched
            if (now := self._as_it_is(self.disagreements[name], scoring, after)) is not None
        }
        return replace(edit, decided=decided)

    def _as_it_is(self, one: Disagreement, before: Scoring, after: Scoring) -> str | None:
        """Return the decision that a change by hand is; None if it changes no decision."""
        names = [mark.id for mark in one.marks if mark is not None]
        if names and all(_decides(before.marks.get(name), after.marks.get(name)) for name in names):
            return None
        marks = [after.marks[name] for name in names if name in after.marks]
        undone = bool(marks) and all(mark.status == "undecided" for mark in marks)
        now = _OPEN if undone else OWN
        return None if before.decided.get(one.id, _OPEN) == now else now

    def finding(self) -> Finding:
        """Return how far both reviews agree."""
        kinds = [one.kind for one in self.disagreements.values()]
        alone_n = sum(kind.startswith("only") for kind in kinds)
        other_n = sum(kind in ("edges", "site", "kind") for kind in kinds)
        epochs_n = sum(len(one.codes[0]) for one in self.disagreements.values())
        message = translatable(
            f"both have {self.agreed_n} marks, {alone_n} only one of them, {other_n} differ in "
            f"edges, site or kind; {epochs_n} epochs differ"
        )
        return Finding("info", "review.consensus", self._where(), message)

    def open_finding(self, scoring: Scoring) -> Finding:
        """Return how many disagreements are decided."""
        all_n, decided_n = len(self.disagreements), len(scoring.decided)
        message = translatable(f"{decided_n} of {all_n} disagreements are decided")
        severity: Severity = "warning" if decided_n < all_n else "info"
        return Finding(severity, "review.decided", self._where(), message)

    def _where(self) -> str:
        return " and ".join(review.name for review in self.reviews)

    def as_dict(self) -> dict[str, Any]:
        """Return both sides and where they differ, as a page shows them."""
        sides = [
            {
                "name": name,
                "marks": [_shown(mark) for mark in review.now.marks.values() if mark.counts],
                "codes": list(review.now.stages.codes),
            }
            for name, review in zip(self.names, self.reviews, strict=True)
        ]
        rows = [one.as_dict() for one in self.disagreements.values()]
        return {"sides": sides, "disagreements": rows}


def _covers(stages: tuple[int, Codes], one: Disagreement) -> bool:
    first, codes = stages
    return first < one.first_epoch + len(one.codes[0]) and first + len(codes) > one.first_epoch


def _decides(before: Mark | None, after: Mark | None) -> bool:
    """Return whether two versions of a mark are the same decision; comments are none."""
    if before is None or after is None:
        return before is after
    return (before.now, before.status) == (after.now, after.status)


def _digest(scoring: Scoring) -> str:
    return hashlib.sha256(json.dumps(scoring.as_dict(), sort_keys=True).encode()).hexdigest()


def consensus_of(first: Review, second: Review, base: Scoring) -> Consensus:
    """Return where two reviews differ, and the scoring with which their consensus begins.

    Marks that both have are accepted, with the span of the first.  Marks of one alone, and those
    whose edges, site or kind differ, are undecided as the first has them; a mark of one alone has a
    comment that names its scorer.  Epochs that differ are UNSCORED until a scorer decides.

    Parameters
    ----------
    first, second : Review
    base : Scoring
        Of the recording, before any change.

    Raises
    ------
    InputFileError
        If they are of different recordings.
    """
    _check_alike(first, second, base)
    marks, found, agreed_n = _of_marks(first, second)
    stages = first.now.stages
    codes = list(zip(stages.codes, second.now.stages.codes, strict=True))
    found += _of_stages(codes, stages.epoch_s, stages.onset_s)
    found += _of_lights(first.now.lights, second.now.lights)
    found.sort(key=lambda one: (one.onset_s, one.end_s, one.kind))
    rows = {f"d{n}": replace(one, id=f"d{n}") for n, one in enumerate(found, start=1)}
    both = replace(stages, codes=tuple(one if one == two else UNSCORED for one, two in codes))
    return Consensus(
        reviews=(first, second),
        disagreements=rows,
        start=Scoring(marks=marks, stages=both, lights=first.now.lights),
        agreed_n=agreed_n,
        _of_mark={
            mark.id: name for name, one in rows.items() for mark in one.marks if mark is not None
        },
    )


def _of_marks(first: Review, second: Review) -> tuple[dict[str, Mark], list[Disagreement], int]:
    """Return the marks of a consensus, the disagreements about them, and how many agree."""
    own, other = (
        {mark.id: mark for mark in review.now.marks.values() if mark.counts}
        for review in (first, second)
    )
    pairs = matched(own.values(), other.values())
    left = [mark for mark in own.values() if mark.id not in pairs]
    left_other = [other[name] for name in other.keys() - pairs.values()]
    # a movement of another leg or an apnea for a hypopnea, at the same time
    pairs |= matched(left, left_other, _group_of)
    marks = {**first.now.marks}
    names = _names_for(first, second)
    found: list[Disagreement] = []
    for name, mark in own.items():
        if name not in pairs:
            marks[name] = _alone(mark, first)
            found.append(_about("only_first", marks[name], None))
            continue
        kind = _kind_of(mark, other[pairs[name]])
        marks[name] = replace(mark, status="accepted" if kind is None else "undecided")
        if kind is not None:
            theirs = replace(other[pairs[name]], id=next(names), status="undecided")
            found.append(_about(kind, marks[name], replace(theirs, origin="added", found=None)))
    agreed_n = len(own) - len(found)
    for name in [name for name in other if name not in set(pairs.values())]:
        mark = _alone(_named(other[name], marks, names, first, second), second)
        marks[mark.id] = mark
        found.append(_about("only_second", None, mark))
    return marks, found, agreed_n


def _check_alike(first: Review, second: Review, base: Scoring) -> None:
    for review in (first, second):
        stages = review.now.stages
        if (stages.epoch_s, len(stages.codes)) != (base.stages.epoch_s, len(base.stages.codes)):
            found = f"{len(stages.codes)} epochs of {stages.epoch_s:g} s"
            wanted = f"{len(base.stages.codes)} epochs of {base.stages.epoch_s:g} s, as recorded"
            raise InputFileError(review.name, found, wanted)
    if first.night.sha256 != second.night.sha256:
        found = f"reviews of {first.night.file} and {second.night.file}"
        raise InputFileError(f"{first.name} and {second.name}", found, "two of one recording")


def _group_of(mark: Mark) -> str:
    if mark.of_sensor:
        return f"accelerometer {mark.sensor}"
    return "respiratory" if mark.kind in RESPIRATORY_KINDS else mark.kind


def _kind_of(mark: Mark, other: Mark) -> str | None:
    """Return in what two marks of one event differ; None if in nothing that counts."""
    if mark.kind != other.kind:
        return "kind"
    if mark.site != other.site:
        return "site"
    apart_s = max(abs(mark.onset_s - other.onset_s), abs(mark.end_s - other.end_s))
    return "edges" if apart_s > EDGES_S else None


def _about(kind: str, first: Mark | None, second: Mark | None) -> Disagreement:
    marks = [mark for mark in (first, second) if mark is not None]
    onset_s, end_s = min(mark.onset_s for mark in marks), max(mark.end_s for mark in marks)
    return Disagreement(id="", kind=kind, onset_s=onset_s, end_s=end_s, marks=(first, second))


def _names_for(*reviews: Review) -> Iterator[str]:
    """Yield ids that no mark of either review has, or had."""
    taken = set(chain(*((*review.base.marks, *review.now.marks) for review in reviews)))
    return (name for name in map("c{}".format, count(1)) if name not in taken)


def _named(
    mark: Mark, marks: Mapping[str, Mark], names: Iterator[str], first: Review, second: Review
) -> Mark:
    """Return a mark of the second with its id in the consensus.

    A mark that the first rejected keeps its id, so that it can be counted what the consensus
    changed.
    """
    same = marks.get(mark.id) if first.base == second.base else None
    if same is not None and not same.counts:
        return mark
    return replace(mark, id=next(names), origin="added", found=None)


def _alone(mark: Mark, review: Review) -> Mark:
    who = review.last[0]
    said = f"only {who}: {mark.comment}" if mark.comment else f"only {who}"
    return replace(mark, status="undecided", comment=said[: fields.MOST_TEXT_N])


def _of_stages(
    codes: Sequence[tuple[str, str]], epoch_s: float, onset_s: float
) -> Iterator[Disagreement]:
    """Yield runs of epochs that both staged alike, and not as the other."""
    at = 0
    for (one, other), run in groupby(codes):
        n = len(list(run))
        if one != other:
            begin_s = onset_s + at * epoch_s
            yield Disagreement(
                id="",
                kind="stages",
                onset_s=begin_s,
                end_s=begin_s + n * epoch_s,
                first_epoch=at,
                codes=((one,) * n, (other,) * n),
            )
        at += n


def _of_lights(first: Window, second: Window) -> Iterator[Disagreement]:
    apart_s = max(abs(first.off_s - second.off_s), abs(first.on_s - second.on_s))
    if apart_s > LIGHTS_S:
        begin_s = min(first.off_s, second.off_s)
        end_s = max(first.on_s, second.on_s)
        yield Disagreement(
            id="", kind="lights", onset_s=begin_s, end_s=end_s, lights=(first, second)
        )
