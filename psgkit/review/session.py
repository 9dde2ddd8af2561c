"""A review in progress: what a page shows, and what becomes of each change.

Everything that goes in or out is plain values (see ``state``).  A change is checked, written to the
review file, applied and scored again, in this order; if any of the first two fails, nothing has
changed.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.lab import Letterhead
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Recording
from psgkit.core.trace import NightTrace
from psgkit.document.values import plain
from psgkit.errors import ReviewError
from psgkit.review import fields, view
from psgkit.review.apply import night_facts
from psgkit.review.changes import edit_of
from psgkit.review.consensus import Consensus
from psgkit.review.finish import reviewed_by, write_finished
from psgkit.review.marks import Edit, Mark, Scoring, SensorPlace
from psgkit.review.rescore import Rescorer
from psgkit.review.review_file import Review, ReviewFile, Signature, now_text
from psgkit.review.start import with_start

Delta = dict[str, Any]
_LONGEST_NAME_N = 200


@dataclass(kw_only=True, slots=True, eq=False)
class ReviewSession:
    """One scorer at work on one night.

    Made by ``psgkit.review.walk.open_review``; the methods may be called from several threads.

    Attributes
    ----------
    rescorer : Rescorer
        The measured night, which scores itself again.
    base, scoring : Scoring
        Before any change, and as it is now.
    before : NightReport
        Of ``base``.
    report : NightReport
        Of ``scoring``.
    file : ReviewFile or None
        None keeps nothing, for tests.
    trace : NightTrace or None
        Envelope, resting level and thresholds of limb channels.
    blind : bool
        Whether the movements found are hidden.
    others : tuple of str
        Who else worked on this file.
    findings : tuple of Finding
        About the review itself.
    folder : Path or None
        Where a signed review is written.
    letterhead : Letterhead or None
        Who makes its report.
    sha256 : str or None
        Digest of the recording.
    consensus : Consensus or None
        The two reviews between which this one decides.
    """

    rescorer: Rescorer
    base: Scoring
    scoring: Scoring
    before: NightReport
    report: NightReport
    scorer: str
    file: ReviewFile | None = None
    trace: NightTrace | None = None
    blind: bool = False
    others: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    signed: Signature | None = None
    folder: Path | None = None
    letterhead: Letterhead | None = None
    sha256: str | None = None
    consensus: Consensus | None = None
    version: int = 0
    _sides: tuple[view.View, ...] = ()
    _done: list[tuple[Edit, Edit]] = field(default_factory=list)
    _undone: list[tuple[Edit, Edit]] = field(default_factory=list)
    _views: dict[str, view.View] = field(default_factory=dict)
    _of_marks: view.MarkViews | None = None
    _lock: Any = field(default_factory=RLock)

    @classmethod
    def of(
        cls,
        rescorer: Rescorer,
        scorer: str,
        review: Review | None = None,
        **values: Any,  # noqa: ANN401
    ) -> "ReviewSession":
        """Return a session, which goes on where ``review`` ended."""
        base = rescorer.base
        now = base if review is None else review.now
        before = rescorer.report(base)
        session = cls(
            rescorer=rescorer,
            base=base,
            scoring=now,
            before=before,
            report=before if now is base else rescorer.report(now),
            scorer=scorer,
            **values,
        )
        if review is not None:
            session._done, session._undone = list(review.done), list(review.undone)
            session.signed = review.signed
            session.version = len(session._done)
        session._views = session._mark_views()
        if session.consensus is not None:
            # figures of both scorers, beside those of the consensus
            sides = (rescorer.report(one.now) for one in session.consensus.reviews)
            session._sides = tuple(view.index_views(report) for report in sides)
        return session

    @property
    def recording(self) -> Recording:
        """Return the recording, for samples."""
        return self.rescorer.night.recording

    @property
    def sensors(self) -> Mapping[str, SensorPlace]:
        """Return the accelerometers whose movements can be marked, by name."""
        return self.rescorer.sensors

    def state(self) -> Delta:
        """Return everything a page shows, as plain values.

        ``recording``, ``channels``, ``marks``, ``stages``, ``lights``, ``indices`` (``before`` and
        ``after`` all changes), ``cautions``, ``answer``, ``history``, ``scorer``, ``signed``.
        """
        with self._lock:
            return {
                "version": self.version,
                "recording": view.recording_view(self.recording),
                "channels": view.channel_views(self.recording, self.sensors),
                "sensors": view.sensor_views(self.sensors),
                "marks": list(self._views.values()),
                "stages": self._stages(),
                "lights": self._lights(),
                "indices": {
                    "before": {} if self.blind else view.index_views(self.before),
                    "after": view.index_views(self.report),
                    "sides": list(self._sides),
                },
                **self._said(),
                "consensus": None if self.consensus is None else self.consensus.as_dict(),
                "findings": [
                    {"severity": one.severity, "code": one.code, "message": one.message}
                    for one in self.findings
                ],
                "scorer": self.scorer,
                "blind": self.blind,
                "others": list(self.others),
            }

    def apply(self, change: Mapping[str, Any]) -> Delta:
        """Make one change and return what it changed, as plain values.

        Raises
        ------
        ReviewError
            If the change is wrong; nothing changed then.
        InputFileError
            If it could not be written to the review file; nothing changed then.
        """
        with self._lock:
            duration_s = self.report.duration_s
            after = self._edit_of(change, duration_s)
            if after == Edit():
                return self._delta(self._views, after)
            before = after.inverse(self.scoring)
            asked = {key: change[key] for key in change if isinstance(key, str)}
            self._write("change", before, after, change=asked)
            self._done.append((after, before))
            self._undone.clear()
            return self._make(after)

    def _edit_of(self, change: Mapping[str, Any], duration_s: float) -> Edit:
        """Return the edit that a change makes, with the disagreements that it decides."""
        if self.consensus is None:
            return edit_of(change, self.scoring, duration_s, self.sensors)
        if fields.table(change, "change").get("action") == "decide":
            return self.consensus.edit_of(change, self.scoring)
        edit = edit_of(change, self.scoring, duration_s, self.sensors)
        return self.consensus.noticed(edit, self.scoring)

    def undo(self) -> Delta:
        """Undo the last change and return what it changed.

        Raises
        ------
        ReviewError
            If there is nothing to undo.
        """
        with self._lock:
            after, before = self._last(self._done, "undo")
            self._write("undo", after, before)
            self._undone.append(self._done.pop())
            return self._make(before)

    def redo(self) -> Delta:
        """Make the last undone change again and return what it changed.

        Raises
        ------
        ReviewError
            If there is nothing to redo.
        """
        with self._lock:
            after, before = self._last(self._undone, "redo")
            self._write("redo", before, after)
            self._done.append(self._undone.pop())
            return self._make(after)

    def signed_report(self, signature: Signature) -> NightReport:
        """Return the report of the scoring as it is, with who reviewed it."""
        reviewed = reviewed_by(self.base, self.scoring, signature, blind=self.blind)
        findings = (*self.report.findings, *self.findings)
        if self.consensus is not None:
            findings = (*findings, self.consensus.open_finding(self.scoring))
        report = replace(self.report, reviewed=reviewed, sha256=self.sha256, findings=findings)
        facts = night_facts(self.rescorer.night, self.sha256, blind=self.blind)
        return with_start(report, facts, self.base, self.scoring)

    def sign(self, comment: str = "", by: str = "") -> Delta:
        """Sign the review, write the finished scoring, and return its files and ``reviewed``.

        ``by`` is who signs, and makes the changes after that, if it is not the scorer so far.

        Raises
        ------
        ReviewError
            If the session has no place for them, or the comment is no text.
        PsgkitError
            If they cannot be written.
        """
        with self._lock:
            said = fields.text(comment, "comment")
            name = fields.text(by, "by", _LONGEST_NAME_N).strip() or self.scorer
            if self.folder is None:
                raise ReviewError("sign", "a review without a folder", "psgkit review --out DIR")
            signature = Signature(by=name, at=now_text(), comment=said)
            report = self.signed_report(signature)
            written = write_finished(
                self.rescorer, self.scoring, report, self.folder, self.trace, self.letterhead
            )
            self.scorer = name
            if self.file is not None:
                self.file.scorer = name
                self.file.append("signed", comment=said)
            self.signed = signature
            return {"files": [str(path) for path in written], "reviewed": plain(report.reviewed)}

    def close(self) -> None:
        """Release the review file; all of it is on the disk already."""
        with self._lock:
            if self.file is not None:
                self.file.close()

    def _last(self, edits: list[tuple[Edit, Edit]], what: str) -> tuple[Edit, Edit]:
        if not edits:
            raise ReviewError(what, f"nothing to {what}", "a change before it")
        return edits[-1]

    def _write(self, kind: str, before: Edit, after: Edit, **values: object) -> None:
        if self.file is not None:
            self.file.append(kind, **values, before=before.as_dict(), after=after.as_dict())

    def _make(self, edit: Edit) -> Delta:
        """Apply an edit, score again, and return what differs."""
        old = self._views
        before = self.scoring
        self.scoring = edit.applied(before)
        if _is_scored(edit, before):
            self.report = self.rescorer.report(self.scoring)
        self._views = self._mark_views()
        self.version += 1
        self.signed = None
        return self._delta(old, edit)

    def _delta(self, old: Mapping[str, view.View], edit: Edit) -> Delta:
        new = self._views
        delta: Delta = {
            "version": self.version,
            "marks": [one for name, one in new.items() if old.get(name) != one],
            "removed": [name for name in old if name not in new],
            "indices": {"after": view.index_views(self.report)},
            **self._said(),
        }
        if edit.stages is not None:
            delta["stages"] = self._stages()
        if edit.lights is not None:
            delta["lights"] = self._lights()
        return delta

    def _said(self) -> Delta:
        signed = self.signed
        return {
            "cautions": view.caution_views(self.report),
            "answer": view.answer_view(self.report),
            "history": {"undo": len(self._done), "redo": len(self._undone)},
            "signed": None if signed is None else {"by": signed.by, "at": signed.at},
            "decided": dict(self.scoring.decided),
        }

    def _stages(self) -> Delta:
        stages = self.scoring.stages
        return {
            "epoch_s": stages.epoch_s,
            "onset_s": stages.onset_s,
            "codes": list(stages.codes),
            "unsure": self._unsure(),
        }

    def _unsure(self) -> list[int]:
        """Return the epochs whose estimated stage is not probable, and that no change set yet."""
        night = self.rescorer.night
        if night.estimate is None:
            return []
        codes = self.scoring.stages.codes
        unsure = night.estimate.unsure(night.settings.staging.min_probability)
        before = night.estimate.hypnogram.stages.tolist()
        shift = round(
            (night.estimate.hypnogram.start_s - self.scoring.stages.onset_s)
            / self.scoring.stages.epoch_s
        )
        epochs = [int(k) + shift for k in np.flatnonzero(unsure)]
        return [k for k in epochs if 0 <= k < len(codes) and codes[k] == before[k - shift]]

    def _lights(self) -> Delta:
        return {"off_s": self.scoring.lights.off_s, "on_s": self.scoring.lights.on_s}

    def _mark_views(self) -> dict[str, view.View]:
        if self._of_marks is None:
            self._of_marks = view.MarkViews(self.rescorer.night.settings, self.sensors, self.trace)
        return self._of_marks.of(self.scoring, self.report)


def _is_scored(edit: Edit, before: Scoring) -> bool:
    """Return whether scoring depends on an edit of a scoring.

    A comment changes nothing, nor does accepting what counted already.
    """
    marks = any(
        _counted(before.marks.get(name)) != _counted(mark) for name, mark in edit.marks.items()
    )
    return marks or edit.stages is not None or edit.lights is not None


def _counted(mark: Mark | None) -> Mark | None:
    """Return what scoring sees of a mark: nothing of one that is rejected."""
    if mark is None or not mark.counts:
        return None
    return replace(mark, status="accepted", comment="", origin="scored", found=None)
