"""Marks of a scoring program to a hypnogram and events on the recording's clock.

Programs write "PLM" for a movement and for a bar over a whole series.  A bar is longer than any
movement, or covers several movements.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.finding import Finding, Severity
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.core.site import Site
from psgkit.errors import TableError
from psgkit.io.channels.label_words import plain_words, sides_in
from psgkit.io.channels.roles import role_of_label
from psgkit.io.scoring.clocks import shift_of_marks_s
from psgkit.io.scoring.marks import UNKNOWN_STAGE, Mark, MarkList, Scoring
from psgkit.io.scoring.places import site_of_cell
from psgkit.io.scoring.stage_codes import StageCodes, about_sleep, read_stages
from psgkit.io.scoring.stage_rows import StageRows, filled_durations_s, gridded
from psgkit.io.scoring.words import (
    KNOWN_WORDS,
    SITED_KINDS,
    is_other_mark,
    kind_of_text,
    says_plm,
    site_of_text,
)
from psgkit.io.text.tables import MAX_TIME_S, quoted

LIMB_ROLES = ("leg", "arm", "trunk")
LASTING_KINDS = ("lm", "arousal", *RESPIRATORY_KINDS)
MOST_WORDS_N = 15
SLACK_S = 1e-3
LONGEST_MOVEMENT_S = 15.0
"""The longest a bilateral movement may last (WASM 2016)."""
FEWEST_UNDER_A_BAR_N = 2


def scoring_of(
    found: MarkList,
    written_as: str,
    where: str,
    start: datetime | None,
    codes: StageCodes | None = None,
) -> Scoring:
    """Return the scoring in the marks of a file, in seconds from ``start``.

    Parameters
    ----------
    found : MarkList
    written_as, where : str
        Format in words, and name of the file.
    start : datetime or None
        Clock time of second 0 of the recording.
    codes : StageCodes, optional
        What words for stages mean.

    Raises
    ------
    TableError
        If most stages overlap or are not known, or a time is none.
    """
    by_s, about_clock = shift_of_marks_s(found.zero, start, where)
    for mark in found.marks:
        if not (abs(mark.onset_s) <= MAX_TIME_S and 0 <= mark.duration_s <= MAX_TIME_S):
            raise TableError(
                f"{where}, {mark.spot}",
                f"{quoted(mark.text)} at {mark.onset_s:g} s for {mark.duration_s:g} s",
                "a time within thirty years and a duration of 0 or more",
            )
    marks = _with_codes(found.marks, codes)
    stages = [mark for mark in marks if mark.stage is not None]
    rest = [mark for mark in marks if mark.stage is None]
    hypnogram, about_stages = _hypnogram(stages, by_s, where)
    if hypnogram is not None:
        _refuse_unknown_stages(rest, hypnogram, by_s, where)
    events, about_events = events_of_marks(rest, by_s, where)
    message = translatable(f"read as {written_as}")
    if not found.marks:
        message += translatable(", without a stage or an event")
    severity: Severity = "info" if found.marks else "warning"
    read_as = Finding(severity, "scoring.format", where, message)
    return Scoring(
        hypnogram=hypnogram,
        events=None if hypnogram is not None and not rest else events,
        format=written_as,
        findings=(read_as, *found.findings, *about_clock, *about_stages, *about_events),
        start=start if start is not None else found.zero,
        duration_s=None if found.duration_s is None else max(found.duration_s + by_s, 0.0),
    )


def on_one_clock(one: Scoring, other: Scoring) -> tuple[Scoring, Scoring]:
    """Return two scorings counted from the earlier of their starts, if both are known."""
    if one.start is None or other.start is None or one.start == other.start:
        return one, other
    start = min(one.start, other.start)
    return (
        _shifted(one, (one.start - start) / timedelta(seconds=1), start),
        _shifted(other, (other.start - start) / timedelta(seconds=1), start),
    )


def _shifted(scoring: Scoring, late_s: float, start: datetime) -> Scoring:
    """Return the scoring with ``late_s`` added to its times, now in seconds from ``start``."""
    stages, events = scoring.hypnogram, scoring.events
    if stages is not None:
        stages = stages.moved(late_s)
    events = None if events is None else events.shifted(late_s)
    lasts_s = None if scoring.duration_s is None else scoring.duration_s + late_s
    return replace(scoring, hypnogram=stages, events=events, start=start, duration_s=lasts_s)


# --- stages --------------------------------------------------------------------------------------


def _hypnogram(
    marks: Sequence[Mark], by_s: float, where: str
) -> tuple[Hypnogram | None, tuple[Finding, ...]]:
    """Return the hypnogram of the marks that state a stage; None if there are none."""
    if not marks:
        return None, ()
    marks = sorted(
        {(m.onset_s, m.duration_s, m.stage, m.text): m for m in reversed(marks)}.values(),
        key=lambda mark: (mark.onset_s, mark.duration_s),
    )
    spots = [mark.spot for mark in marks]
    stages, findings = _known_stages(marks, where)
    onset_s = np.array([mark.onset_s for mark in marks])
    duration_s = np.array([mark.duration_s for mark in marks])
    n_without = int((duration_s <= 0).sum())
    if n_without:
        message = translatable(
            f"{n_without} stages have no duration and are taken to last until the next one"
        )
        findings.append(Finding("info", "hypnogram.no_duration", where, message))
    lasting_s = filled_durations_s(onset_s, duration_s, stages)
    kept = lasting_s > 0
    hypnogram, about_grid = gridded(
        StageRows(
            onset_s=onset_s[kept] + by_s,
            duration_s=lasting_s[kept],
            stages=[stage for stage, keep in zip(stages, kept, strict=True) if keep],
            places=[spot for spot, keep in zip(spots, kept, strict=True) if keep],
            where=where,
        )
    )
    return hypnogram, (*findings, *about_grid)


def _with_codes(marks: Sequence[Mark], codes: StageCodes | None) -> list[Mark]:
    """Return the marks with the stages that stated codes give their words."""
    if codes is None:
        return list(marks)
    stage_of = {mark.text: codes.stage(mark.text) for mark in marks}
    return [
        mark if stage_of[mark.text] is None else replace(mark, stage=stage_of[mark.text])
        for mark in marks
    ]


def _known_stages(marks: Sequence[Mark], where: str) -> tuple[list[str], list[Finding]]:
    """Return the stage of each mark; UNSCORED where its word is not known, if most are."""
    unknown = [row for row, mark in enumerate(marks) if mark.stage == UNKNOWN_STAGE]
    stages = [mark.stage or UNSCORED for mark in marks]
    if not unknown:
        return stages, about_sleep([mark.text for mark in marks], stages, where)
    # raises if most are unknown, and counts them otherwise
    words = [mark.text if mark.stage == UNKNOWN_STAGE else str(mark.stage) for mark in marks]
    read = read_stages(words, [mark.spot for mark in marks], where)
    return read.stages, list(read.findings)


def _refuse_unknown_stages(
    marks: Sequence[Mark], hypnogram: Hypnogram, by_s: float, where: str
) -> None:
    """Raise ``TableError`` for an unknown word that fills gaps of the hypnogram.

    A list may mix stages and events.  An unknown word that always lasts one epoch, on the grid of
    epochs and where no stage is known, is a stage in a language that is not in the table.
    """
    unknown: dict[str, list[Mark]] = {}
    for mark in marks:
        if kind_of_text(mark.text) is None and not says_plm(mark.text):
            unknown.setdefault(mark.text, []).append(mark)
    for text, found in unknown.items():
        onset_s = np.array([mark.onset_s + by_s for mark in found])
        off_grid_s = (onset_s - hypnogram.start_s + SLACK_S) % hypnogram.epoch_s
        last_an_epoch = all(abs(mark.duration_s - hypnogram.epoch_s) < SLACK_S for mark in found)
        in_holes = (hypnogram.stage_at(onset_s) == UNSCORED).all()
        if len(found) > 1 and last_an_epoch and in_holes and (off_grid_s < 2 * SLACK_S).all():
            raise TableError(
                f"{where}, {found[0].spot}",
                f"{quoted(text)}, {len(found)} times as long as an epoch and where no stage is",
                f"a stage: {KNOWN_WORDS}",
            )


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One event; ``is_plm`` if it was marked "PLM", a movement or a bar over a series."""

    onset_s: float
    end_s: float
    kind: str
    site: Site
    is_plm: bool


def events_of_marks(
    marks: Sequence[Mark], by_s: float, where: str, *, has_sites: bool = False
) -> tuple[Events, tuple[Finding, ...]]:
    """Return the events in marks that are no stages, ``by_s`` later.

    ``has_sites`` says that places may be parts of the body (``Left leg``, ``L``).
    """
    kinds = {text: kind_of_text(text) for text in {mark.text for mark in marks}}
    about_sites: tuple[Finding, ...] = ()
    if has_sites:
        marks, about_sites = _with_sites(marks, kinds, where)
    rows = [_row(mark, kinds[mark.text], by_s) for mark in marks]
    rows, about_plm = _without_series_bars(rows, where)
    events = Events.of(
        [row.onset_s for row in rows],
        [row.end_s for row in rows],
        [row.kind for row in rows],
        [row.site.value for row in rows],
    )
    counts = Counter(mark.text for mark in marks)
    about_words = _word_findings(where, counts, kinds)
    return events, (*about_words, *about_sites, *about_plm, *_faults(where, events))


def _with_sites(
    marks: Sequence[Mark], kinds: dict[str, str | None], where: str
) -> tuple[list[Mark], tuple[Finding, ...]]:
    """Return the marks with the site that their place names.

    A movement at an unknown place is left out: it may be at any limb.
    """
    sites = {mark.place: site_of_cell(mark.place) for mark in marks}
    moving = [mark for mark in marks if says_plm(mark.text) or kinds[mark.text] == "lm"]
    lost = [mark for mark in moving if sites[mark.place] is None]
    if lost and 2 * len(lost) >= len(moving):
        raise TableError(
            f"{where}, {lost[0].spot}, column 'site'",
            quoted(lost[0].place),
            f"{', '.join(filter(None, Site))}, or nothing",
            "Words such as left leg, L, LAT and both are understood, too.",
        )
    gone = {id(mark) for mark in lost}
    kept = [
        replace(mark, site=sites[mark.place] or Site.NONE) for mark in marks if id(mark) not in gone
    ]
    if not lost:
        return kept, ()
    said = ", ".join(f"{quoted(p)} ({n})" for p, n in Counter(m.place for m in lost).most_common())
    message = translatable(f"{len(lost)} movements at an unknown site are left out: {said}")
    return kept, (Finding("warning", "events.site", where, message),)


def _row(mark: Mark, kind: str | None, by_s: float) -> _Row:
    is_plm = says_plm(mark.text)
    site = mark.site or Site.NONE
    if mark.site:
        kind = "lm" if kind is None and is_plm else kind
    elif is_plm or kind in SITED_KINDS:
        kind = "lm" if kind is None else kind
        site, is_limb = _site(mark)
        if not is_limb and kind == "lm":
            # a movement of the chin is no limb movement
            kind, is_plm = mark.text.strip().lower() + " elsewhere", False
    onset_s = mark.onset_s + by_s
    return _Row(
        onset_s=onset_s,
        end_s=onset_s + mark.duration_s,
        kind=kind or mark.text.strip().lower(),
        site=site,
        is_plm=is_plm,
    )


def _site(mark: Mark) -> tuple[Site, bool]:
    """Return the site of a mark, and whether it may be on a limb."""
    found = role_of_label(mark.place) if mark.place else None
    if found is not None and found.role in LIMB_ROLES and found.site:
        return found.site, True
    if found is not None and found.role == "leg" and len(sides_in(plain_words(mark.place))) > 1:
        return Site.BOTH_LEGS, True
    return site_of_text(mark.text), found is None or found.role != "chin"


def _word_findings(
    where: str, counts: Counter[str], kinds: dict[str, str | None]
) -> tuple[Finding, ...]:
    """Return findings on the words that were translated, and on unknown words."""
    known = [
        translatable(f"{quoted(text)} ({n}) as {kind}")
        for text, n in counts.most_common()
        if (kind := kinds[text]) and kind != text.lower()
    ]
    unnamed = [text for text in counts if kinds[text] is None and not says_plm(text)]
    others = [text for text in unnamed if is_other_mark(text)]
    unknown = [text for text in unnamed if text not in set(others)]
    findings = []
    if known:
        message = translatable(f"read {_shortened(known)}")
        findings.append(Finding("info", "events.kind", where, message))
    if unknown:
        n, said = _counted(unknown, counts)
        message = translatable(f"{n} marks are not known and kept as they are: {said}")
        findings.append(Finding("warning", "events.unknown", where, message))
    if others:
        n, said = _counted(others, counts)
        message = translatable(f"{n} marks are of no use here and kept as they are: {said}")
        findings.append(Finding("info", "events.others", where, message))
    return tuple(findings)


def _counted(texts: Sequence[str], counts: Counter[str]) -> tuple[int, str]:
    """Return the number of marks with these texts, and the texts with their counts."""
    ordered = sorted(texts, key=lambda text: -counts[text])
    said = _shortened([f"{quoted(text)} ({counts[text]})" for text in ordered])
    return sum(counts[text] for text in texts), said


def _shortened(said: list[str]) -> str:
    """Return a list in words, cut to the most frequent if it is long."""
    more = f" and {len(said) - MOST_WORDS_N} more" if len(said) > MOST_WORDS_N else ""
    return ", ".join(said[:MOST_WORDS_N]) + more


def _faults(where: str, events: Events) -> tuple[Finding, ...]:
    """Return findings on movements without side and on events without a required duration."""
    findings = []
    is_movement = events.kind == "lm"
    n_sideless = int(np.sum(is_movement & (events.site == "")))
    if n_sideless:
        message = translatable(
            f"{n_sideless} of {int(is_movement.sum())} movements do not say of which limb; they "
            "count as movements of a leg"
        )
        findings.append(Finding("warning", "events.no_side", where, message))
    moments = events.where(events.end_s <= events.onset_s).of_kind(LASTING_KINDS)
    for kind, n in sorted(Counter(moments.kind.tolist()).items()):
        what = "movements" if kind == "lm" else translatable(f"events {kind!r}")
        note = (
            translatable("are too short for every rule")
            if kind == "lm"
            else translatable("overlap with nothing")
        )
        message = translatable(f"{n} {what} last 0 s and {note}")
        findings.append(Finding("warning", "events.no_duration", where, message))
    return tuple(findings)


# --- movements and bars over a series ------------------------------------------------------------

_OVERLAPPING = {
    Site.LEFT_LEG: (Site.LEFT_LEG, Site.BOTH_LEGS, Site.NONE),
    Site.RIGHT_LEG: (Site.RIGHT_LEG, Site.BOTH_LEGS, Site.NONE),
}


def _without_series_bars(
    rows: Sequence[_Row], where: str
) -> tuple[list[_Row], tuple[Finding, ...]]:
    """Return the rows with every "PLM" resolved to a movement (``lm``) or a bar (``plm``).

    A bar is longer than 15 s, or covers the onsets of two movements.  A shorter mark that overlaps
    one movement of the same leg repeats that movement, and becomes ``plm`` as well.

    Examples
    --------
    >>> row = _Row(onset_s=0.0, end_s=90.0, kind="plm", site=Site.NONE, is_plm=True)
    >>> [found.kind for found in _without_series_bars([row], "night.txt")[0]]
    ['plm']
    """
    movements = _Movements([row for row in rows if row.kind == "lm" and not row.is_plm])
    counts: Counter[str] = Counter()
    kept = []
    for row in rows:
        what = movements.meaning_of(row) if row.is_plm else ""
        counts[what] += 1
        kind = {"": row.kind, "movement": "lm"}.get(what, "plm")
        kept.append(replace(row, kind=kind))
    return kept, _plm_findings(where, counts, len(movements.rows))


class _Movements:
    """Marked movements, in time order."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.rows = sorted(rows, key=lambda row: row.onset_s)
        self._onsets_s = [row.onset_s for row in self.rows]
        self._longest_s = max((row.end_s - row.onset_s for row in rows), default=0.0)

    def meaning_of(self, mark: _Row) -> str:
        """Return what a mark "PLM" is: ``bar``, ``twice`` (marked before) or ``movement``."""
        under = self._of_its_leg(mark, mark.onset_s, mark.end_s)
        # left and right together are one movement of both legs
        n_under = max(Counter(row.site for row in under).values(), default=0)
        if mark.end_s - mark.onset_s > LONGEST_MOVEMENT_S or n_under >= FEWEST_UNDER_A_BAR_N:
            return "bar"
        near = self._of_its_leg(mark, mark.onset_s - self._longest_s, mark.end_s)
        return "twice" if any(row.end_s >= mark.onset_s for row in near) else "movement"

    def _of_its_leg(self, mark: _Row, first_s: float, last_s: float) -> list[_Row]:
        """Return the movements that begin in an interval and may be of the leg of a mark."""
        low, high = bisect_left(self._onsets_s, first_s), bisect_right(self._onsets_s, last_s)
        sites = _OVERLAPPING.get(mark.site, tuple(Site))
        return [row for row in self.rows[low:high] if row.site in sites]


def _plm_findings(where: str, counts: Counter[str], n_lm: int) -> tuple[Finding, ...]:
    """Return a finding on the meaning given to the marks "PLM"."""
    found = []
    if n_bars := counts["bar"]:
        message = translatable(
            f"{n_bars} marks 'PLM' last longer than {LONGEST_MOVEMENT_S:g} s or cover several "
            "movements: taken as bars over a series, and not as movements"
        )
        found.append(Finding("warning", "events.plm_series", where, message))
    if n_twice := counts["twice"]:
        message = translatable(
            f"{n_twice} marks 'PLM' overlap a movement that is marked as LM: taken as that movement"
        )
        found.append(Finding("warning", "events.plm_twice", where, message))
    if n_movements := counts["movement"]:
        beside = (
            translatable(f"beside {n_lm} marks 'LM'")
            if n_lm
            else translatable("and there are no marks 'LM'")
        )
        message = translatable(
            f"{n_movements} marks 'PLM' are as long as a movement, {beside}: taken as movements"
        )
        found.append(Finding("warning", "events.plm_movements", where, message))
    return tuple(found)
