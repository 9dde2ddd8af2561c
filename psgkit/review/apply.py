"""Apply a review to a night that is read again: exactly, or by time if anything differs.

The same recording measured by the same rules gives the same marks: the review is taken as it is.
Else each mark of the review is looked for among those found now, by kind, site and overlap, and
what no longer fits is counted in findings.
"""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

import numpy as np

from psgkit.analysis.groups import NightFrame
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.night_report import NightReport
from psgkit.detect.trace import TraceRecorder
from psgkit.document.values import plain
from psgkit.errors import InputFileError
from psgkit.io.files import is_file
from psgkit.night.cautions import with_cautions
from psgkit.night.files import NightChoice, NightFiles, report_of_files
from psgkit.night.walk import MeasuredNight, report_of_measured
from psgkit.review.finish import reviewed_by
from psgkit.review.marks import Mark, Scoring, Stages
from psgkit.review.rescore import Rescorer, scoring_of
from psgkit.review.review_file import SUFFIX, Review, ReviewedNight, Signature, read_review
from psgkit.review.start import with_start

REVIEW_FILE = f"review{SUFFIX}"
_SAME = 0.3
"""Overlap, as a share of the union, from which two marks are one; psgkit's own choice."""


def review_folder(recording: Path) -> Path:
    """Return where the review of a recording is kept if no other folder is named.

    Examples
    --------
    >>> review_folder(Path("a/night.edf")).as_posix()
    'a/night_review'
    """
    return recording.with_name(f"{recording.stem}_review")


def review_beside(recording: Path) -> Path | None:
    """Return the review kept beside a recording; None if there is none."""
    path = review_folder(recording) / REVIEW_FILE
    return path if is_file(path) else None


def reviewed_report_of_files(
    path: Path,
    files: NightFiles,
    choice: NightChoice,
    sha256: str | None = None,
    recorder: TraceRecorder | None = None,
) -> NightReport:
    """Return the report of a night, corrected by its review if ``files`` names one.

    Parameters and errors are those of ``psgkit.night.files.report_of_files``.  With a ``recorder``
    there will be a page, and the report gets what a review on that page begins with.

    Raises
    ------
    ReviewError
        If a line of the review is wrong.
    """
    review = None if files.review is None else read_review(files.review)
    if review is None and recorder is None:
        return report_of_files(path, files, choice, sha256, recorder)

    def score(night: MeasuredNight, digest: str) -> NightReport:
        return found_in(night, digest) if review is None else corrected_by(review, night, digest)

    return report_of_files(path, files, choice, sha256, recorder, score)


def found_in(night: MeasuredNight, sha256: str | None) -> NightReport:
    """Return the report of a measured night with what a review of it begins with."""
    base = scoring_of(night)
    return with_start(
        report_of_measured(night), night_facts(night, sha256, blind=False), base, base
    )


def corrected_by(review: Review, night: MeasuredNight, sha256: str | None) -> NightReport:
    """Return the report of a measured night, corrected by a review."""
    blind = review.night.blind
    base = scoring_of(night, blind=blind)
    facts = night_facts(night, sha256, blind=blind)
    now, findings = fitted(review, base, facts, night.motion.groups_by_sensor())
    report = Rescorer(night=night, base=base).report(now)
    signature = review.signed or Signature(by=review.last[0], at=review.last[1])
    reviewed = reviewed_by(base, now, signature, signed=review.signed is not None, blind=blind)
    found = (*report.findings, *review.findings, *findings)
    report = replace(report, reviewed=reviewed, findings=found)
    return with_start(with_cautions(report, night.settings.cautions), facts, base, now)


def night_facts(night: MeasuredNight, sha256: str | None, *, blind: bool) -> ReviewedNight:
    """Return which recording is reviewed, and by which settings."""
    recording, settings = night.recording, night.settings
    frame = NightFrame.of(recording, night.scorer, settings)
    return ReviewedNight(
        file=recording.source,
        sha256=sha256,
        start=recording.start,
        duration_s=frame.duration_s,
        rules=settings.rules.name,
        settings_digest=_digest(settings.as_dict()),
        blind=blind,
    )


def _digest(settings: Mapping[str, Any]) -> str:
    text = json.dumps(plain(settings), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def fitted(
    review: Review, base: Scoring, night: ReviewedNight, sensors: Iterable[str] = ()
) -> tuple[Scoring, tuple[Finding, ...]]:
    """Return the scoring of a review on marks found now, and what no longer fits.

    ``sensors`` are the names of the accelerometers that the recording has.

    Raises
    ------
    InputFileError
        If most of the review lies outside the recording: it is of another night.
    """
    if review.night.sha256 == night.sha256:
        if review.base == base:
            return review.now, ()
        sensors = {mark.id: mark for mark in base.marks.values() if mark.of_sensor}
        before = {name: mark for name, mark in base.marks.items() if name not in sensors}
        if review.base == replace(base, marks=before):
            # of a psgkit whose reviews had no movements of accelerometers
            now = replace(review.now, marks={**review.now.marks, **sensors})
            return now, (_without_sensors(review, len(sensors)),)
    fit = _Fit(
        review=review,
        night=night,
        base=base,
        marks=dict(base.marks),
        sensors=frozenset(sensors),
    )
    fit.refuse_another_night()
    fit.take_found()
    fit.take_added()
    lights = base.lights
    if review.now.lights != review.base.lights:
        moved = replace(
            review.now.lights,
            off_s=review.now.lights.off_s + fit.shift_s,
            on_s=review.now.lights.on_s + fit.shift_s,
        )
        if moved.off_s < -1.0 or moved.on_s > night.duration_s + 1.0:
            fit.count["lights"] += 1
        else:
            lights = replace(
                moved, off_s=max(moved.off_s, 0.0), on_s=min(moved.on_s, night.duration_s)
            )
    now = Scoring(marks=fit.marks, stages=fit.stages(), lights=lights)
    return now, tuple(fit.findings())


def _without_sensors(review: Review, n: int) -> Finding:
    message = translatable(
        f"{n} movements of accelerometers were not shown to this reviewer: they count as found"
    )
    return Finding("info", "review.without_sensors", review.name, message)


_KINDS = ("kept", "rejected", "gone", "new", "outside", "sensors", "epochs", "lights")


@dataclass(kw_only=True, slots=True, eq=False)
class _Fit:
    """A review being fitted to marks found now; ``count`` has what does not fit."""

    review: Review
    night: ReviewedNight
    base: Scoring
    marks: dict[str, Mark]
    sensors: frozenset[str]
    count: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))

    @property
    def shift_s(self) -> float:
        """Return by how much times of the review are later here, by the clocks of both."""
        first, second = self.review.night.start, self.night.start
        if first is None or second is None or (first.tzinfo is None) != (second.tzinfo is None):
            return 0.0
        return (first - second).total_seconds()

    def refuse_another_night(self) -> None:
        """Raise if most marks lie outside the recording."""
        marks = list(self.review.now.marks.values()) or list(self.review.base.marks.values())
        outside = sum(not self._inside(mark) for mark in marks)
        if 2 * outside > len(marks):
            raise InputFileError(
                self.review.name,
                f"a review of {self.review.night.file}, {outside} of its {len(marks)} marks "
                "outside the recording",
                f"a review of {self.night.file}",
            )

    def _inside(self, mark: Mark) -> bool:
        return mark.onset_s + self.shift_s >= -1.0 and (
            mark.end_s + self.shift_s <= self.night.duration_s + 1.0
        )

    def _here(self, mark: Mark) -> Mark:
        """Return a mark on the clock of this recording, cut to its length."""
        onset_s = max(mark.onset_s + self.shift_s, 0.0)
        return replace(
            mark, onset_s=onset_s, end_s=min(mark.end_s + self.shift_s, self.night.duration_s)
        )

    def take_found(self) -> None:
        """Take over what became of each mark that the reviewer saw."""
        seen = self.review.base.marks
        pairs = matched(
            [self._here(mark) for mark in seen.values()], list(self.base.marks.values())
        )
        self.count["new"] = len(self.base.marks) - len(pairs)
        for name in seen:
            final = self.review.now.marks.get(name)
            other = pairs.get(name)
            if other is not None:
                self._take(final, self.base.marks[other])
            elif final is None or (final.status == "undecided" and not final.is_changed):
                self.count["gone"] += 1
            elif final.status == "rejected":
                self.count["rejected"] += 1
            else:
                self._keep(final, "kept")

    def _take(self, final: Mark | None, mark: Mark) -> None:
        """Take over what became of a mark that was found again."""
        if final is None:
            del self.marks[mark.id]
            return
        changed = replace(mark, status=final.status, comment=final.comment)
        if final.of_sensor and final.sensor not in self.sensors:
            self.count["sensors"] += 1
            return
        if final.now != final.found:
            changed = changed.like(self._here(final))
        self.marks[mark.id] = changed

    def _keep(self, mark: Mark, what: str) -> None:
        """Keep a mark of the reviewer that nothing found now stands for."""
        here = self._here(mark)
        if not self._inside(mark) or not here.end_s > here.onset_s:
            self.count["outside"] += 1
            return
        if mark.of_sensor and mark.sensor not in self.sensors:
            self.count["sensors"] += 1
            return
        if what:
            self.count[what] += 1
        number = len(self.marks) + 1
        while f"a{number}" in self.marks or f"a{number}" in self.base.marks:
            number += 1
        kept = replace(here, id=f"a{number}", origin="added", found=None)
        self.marks[kept.id] = kept

    def take_added(self) -> None:
        """Take over the marks that the reviewer added."""
        for name, mark in self.review.now.marks.items():
            if name not in self.review.base.marks:
                self._keep(mark, "")

    def stages(self) -> Stages:
        """Return the stages found now with the epochs that the reviewer changed."""
        old, new, here = self.review.base.stages, self.review.now.stages, self.base.stages
        changed = np.array([a != b for a, b in zip(old.codes, new.codes, strict=True)], dtype=bool)
        if not changed.any():
            return here
        middle = here.onset_s + (np.arange(len(here.codes)) + 0.5) * here.epoch_s - self.shift_s
        epoch = np.floor((middle - new.onset_s) / new.epoch_s).astype(np.int64)
        inside = (epoch >= 0) & (epoch < len(new.codes))
        codes = list(here.codes)
        for row in np.flatnonzero(inside).tolist():
            if changed[epoch[row]]:
                codes[row] = new.codes[epoch[row]]
        reached = np.zeros(len(changed), dtype=bool)
        reached[epoch[inside]] = True
        self.count["epochs"] = int((changed & ~reached).sum())
        return replace(here, codes=tuple(codes))

    def findings(self) -> Iterable[Finding]:
        """Yield what no longer fits, each with its count."""
        count, where = self.count, self.review.name
        yield Finding(
            "info",
            "review.by_time",
            where,
            translatable(
                "the recording or the settings differ from those reviewed: the review is applied "
                "by time"
            ),
        )
        said = {
            "kept": translatable(
                f"{count['kept']} marks that the reviewer accepted are not found now: they are "
                "kept as marked"
            ),
            "rejected": translatable(
                f"{count['rejected']} marks that the reviewer rejected are not found now"
            ),
            "gone": translatable(
                f"{count['gone']} marks that the reviewer left undecided or joined are not found "
                "now"
            ),
            "new": translatable(
                f"{count['new']} marks are found now that the reviewer did not see"
            ),
            "outside": translatable(
                f"{count['outside']} marks of the reviewer lie outside the recording and are left "
                "out"
            ),
            "sensors": translatable(
                f"{count['sensors']} marks of accelerometers that this recording does not have, or "
                "that are not in use now, are left out"
            ),
            "epochs": translatable(
                f"{count['epochs']} epochs that the reviewer staged lie outside the recording and "
                "are left out"
            ),
            "lights": translatable(
                "lights of the reviewer lie outside the recording and are left out"
            ),
        }
        for name, message in said.items():
            if count[name]:
                yield Finding("warning", f"review.{name}", where, message)


def kind_and_site(mark: Mark) -> Hashable:
    """Return what two marks must have in common to be one."""
    return mark.kind, mark.site, mark.sensor


def matched(
    first: Iterable[Mark],
    second: Iterable[Mark],
    alike: Callable[[Mark], Hashable] = kind_and_site,
) -> dict[str, str]:
    """Return which mark of ``second`` stands for each of ``first``, by their ids.

    Of two that overlap, the pair with the largest overlap goes first; each mark has one partner.
    ``alike`` says what both must have in common.
    """
    pairs = []
    of_second = _grouped(second, alike)
    for key, marks in _grouped(first, alike).items():
        others = of_second.get(key, [])
        onsets = np.array([mark.onset_s for mark in others])
        longest = max((mark.end_s - mark.onset_s for mark in others), default=0.0)
        for mark in marks:
            start = int(np.searchsorted(onsets, mark.onset_s - longest))
            stop = int(np.searchsorted(onsets, mark.end_s, side="right"))
            pairs += [(-_share(mark, one), mark.id, one.id) for one in others[start:stop]]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for share, name, other in sorted(pairs):
        if -share >= _SAME and name not in found and other not in taken:
            found[name] = other
            taken.add(other)
    return found


def _grouped(
    marks: Iterable[Mark], alike: Callable[[Mark], Hashable]
) -> Mapping[Hashable, list[Mark]]:
    found: dict[Hashable, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: mark.onset_s):
        found.setdefault(alike(mark), []).append(mark)
    return found


def _share(first: Mark, second: Mark) -> float:
    """Return the overlap of two marks as a share of their union; 1 for equal moments."""
    overlap = min(first.end_s, second.end_s) - max(first.onset_s, second.onset_s)
    whole = max(first.end_s, second.end_s) - min(first.onset_s, second.onset_s)
    return max(overlap, 0.0) / whole if whole > 0 else 1.0
