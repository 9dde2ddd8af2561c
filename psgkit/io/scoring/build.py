"""Marks of a scorer to a hypnogram and events on the recording's clock."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.finding import Finding, Severity
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.site import Site
from psgkit.errors import TableError
from psgkit.io.channels.label_words import plain_words, sides_in
from psgkit.io.channels.roles import role_of_label
from psgkit.io.scoring.clocks import shift_s
from psgkit.io.scoring.event_files import SITED_KINDS
from psgkit.io.scoring.event_words import kind_of_text, says_plm, site_of_text
from psgkit.io.scoring.marks import Mark, MarkList, Scoring
from psgkit.io.scoring.series_bars import EventRow, without_series_bars
from psgkit.io.scoring.stage_rows import (
    USUAL_EPOCH_S,
    StageRows,
    filled_durations_s,
    hypnogram_from_rows,
)
from psgkit.io.scoring.stage_words import KNOWN_WORDS
from psgkit.io.text.tables import MAX_TIME_S, quoted

LIMB_ROLES = ("leg", "arm", "trunk")
LASTING_KINDS = ("lm", "arousal", *RESPIRATORY_KINDS)
MOST_WORDS_N = 15
SLACK_S = 1e-3


def scoring_of(found: MarkList, start: datetime | None) -> Scoring:
    """Return the scoring that the marks of a file describe, counted from ``start``.

    Raises
    ------
    TableError
        If stages overlap, a stage is not known, or a time is none.
    """
    by_s, about_clock = shift_s(found.zero, start, found.where)
    _refuse_impossible(found)
    stages = [mark for mark in found.marks if mark.stage is not None]
    rest = [mark for mark in found.marks if mark.stage is None]
    hypnogram, about_stages = _hypnogram(stages, by_s, found.where)
    if hypnogram is not None:
        _refuse_unknown_stages(rest, hypnogram, by_s, found.where)
    events, about_events = _events(rest, by_s, found.where)
    message = f"read as {found.format}"
    if not found.marks:
        message += ", without a stage or an event"
    severity: Severity = "info" if found.marks else "warning"
    read_as = Finding(severity, "scoring.format", found.where, message)
    return Scoring(
        hypnogram=hypnogram,
        events=None if hypnogram is not None and not rest else events,
        format=found.format,
        findings=(read_as, *found.findings, *about_clock, *about_stages, *about_events),
        start=start if start is not None else found.zero,
    )


def on_one_clock(one: Scoring, other: Scoring) -> tuple[Scoring, Scoring]:
    """Return two scorings counted from the earlier of their starts, if both are known."""
    if one.start is None or other.start is None or one.start == other.start:
        return one, other
    start = min(one.start, other.start)
    return _from(one, start), _from(other, start)


def _from(scoring: Scoring, start: datetime) -> Scoring:
    """Return the scoring counted from ``start``."""
    late_s = 0.0 if scoring.start is None else (scoring.start - start) / timedelta(seconds=1)
    stages = scoring.hypnogram
    return Scoring(
        hypnogram=None
        if stages is None
        else Hypnogram.of(stages.stages, stages.epoch_s, stages.start_s + late_s),
        events=None if scoring.events is None else scoring.events.shifted(late_s),
        format=scoring.format,
        findings=scoring.findings,
        start=start,
    )


def _refuse_impossible(found: MarkList) -> None:
    """Raise ``TableError`` for a mark whose time no recording has."""
    for mark in found.marks:
        if not (abs(mark.onset_s) <= MAX_TIME_S and 0 <= mark.duration_s <= MAX_TIME_S):
            raise TableError(
                f"{found.where}, {mark.spot}",
                f"{quoted(mark.text)} at {mark.onset_s:g} s for {mark.duration_s:g} s",
                "a time within thirty years and a duration of 0 or more",
            )


# --- stages --------------------------------------------------------------------------------------


def _hypnogram(
    marks: Sequence[Mark], by_s: float, where: str
) -> tuple[Hypnogram | None, tuple[Finding, ...]]:
    """Return the hypnogram of the marks that state a stage; None if there are none."""
    if not marks:
        return None, ()
    rows = {(mark.onset_s, mark.duration_s, mark.stage or UNSCORED): mark.spot for mark in marks}
    onset_s, duration_s, stages = (list(column) for column in zip(*sorted(rows), strict=True))
    spots = [rows[row] for row in sorted(rows)]
    findings = []
    n_without = sum(seconds <= 0 for seconds in duration_s)
    if n_without:
        message = f"{n_without} stages have no duration and are taken to last until the next one"
        findings.append(Finding("info", "hypnogram.no_duration", where, message))
    lasting_s = filled_durations_s(np.array(onset_s), np.array(duration_s), stages)
    whole_s = np.floor(lasting_s[-1] / USUAL_EPOCH_S + SLACK_S) * USUAL_EPOCH_S
    others = lasting_s[:-1] % USUAL_EPOCH_S
    cut_s = float(lasting_s[-1] - whole_s)
    if len(others) and cut_s > SLACK_S and not others.any():
        message = f"the last epoch is {cut_s:g} s too long for epochs of 30 s and is cut there"
        findings.append(Finding("info", "hypnogram.last_epoch", where, message))
        lasting_s[-1] = whole_s
    kept = lasting_s > 0
    hypnogram = hypnogram_from_rows(
        StageRows(
            onset_s=np.array(onset_s)[kept] + by_s,
            duration_s=lasting_s[kept],
            stages=[stage for stage, keep in zip(stages, kept, strict=True) if keep],
            places=[spot for spot, keep in zip(spots, kept, strict=True) if keep],
            where=where,
        )
    )
    return hypnogram, tuple(findings)


def _refuse_unknown_stages(
    marks: Sequence[Mark], hypnogram: Hypnogram, by_s: float, where: str
) -> None:
    """Raise ``TableError`` for an unknown word that fills the holes of the hypnogram.

    In a list of stages and events nothing says which is which; an unknown word that always lasts
    one epoch, on the grid of the epochs and where no stage is known, is a stage in a language that
    is not in the table.
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


def _events(marks: Sequence[Mark], by_s: float, where: str) -> tuple[Events, tuple[Finding, ...]]:
    """Return the marks that are no stages as events."""
    kinds = {text: kind_of_text(text) for text in {mark.text for mark in marks}}
    rows = [_row(mark, kinds[mark.text], by_s) for mark in marks]
    rows, about_plm = without_series_bars(rows, where)
    events = Events.of(
        [row.onset_s for row in rows],
        [row.end_s for row in rows],
        [row.kind for row in rows],
        [row.site.value for row in rows],
    )
    counts = Counter(mark.text for mark in marks)
    about_words = _word_findings(where, counts, kinds)
    return events, (*about_words, *about_plm, *_faults(where, events))


def _row(mark: Mark, kind: str | None, by_s: float) -> EventRow:
    """Return the event of one mark."""
    is_plm = says_plm(mark.text)
    site = Site.NONE
    if is_plm or kind in SITED_KINDS:
        kind = "lm" if kind is None else kind
        site, is_limb = _site(mark)
        if not is_limb and kind == "lm":
            # a movement of the chin is none of a limb, and must not be counted as one
            kind, is_plm = mark.text.strip().lower() + " elsewhere", False
    onset_s = mark.onset_s + by_s
    return EventRow(
        onset_s=onset_s,
        end_s=onset_s + mark.duration_s,
        kind=kind or mark.text.strip().lower(),
        site=site,
        is_plm=is_plm,
    )


def _site(mark: Mark) -> tuple[Site, bool]:
    """Return the site of a mark, and whether it may be a limb at all."""
    found = role_of_label(mark.place) if mark.place else None
    if found is not None and found.role in LIMB_ROLES and found.site:
        return found.site, True
    if found is not None and found.role == "leg" and len(sides_in(plain_words(mark.place))) > 1:
        return Site.BOTH_LEGS, True
    return site_of_text(mark.text), found is None or found.role != "chin"


def _word_findings(
    where: str, counts: Counter[str], kinds: dict[str, str | None]
) -> tuple[Finding, ...]:
    """Say which words were read as what, and which were not known."""
    known = [
        f"{quoted(text)} ({n}) as {kind}"
        for text, n in counts.most_common()
        if (kind := kinds[text]) and kind != text.lower()
    ]
    unknown = [f"{quoted(text)} ({n})" for text, n in counts.most_common() if kinds[text] is None]
    findings = []
    if known:
        findings.append(Finding("info", "events.kind", where, f"read {_shortened(known)}"))
    if unknown:
        message = f"not known and kept as they are: {_shortened(unknown)}"
        findings.append(Finding("info", "events.unknown", where, message))
    return tuple(findings)


def _shortened(said: list[str]) -> str:
    """Return a list in words, the commonest alone if it is long."""
    more = f" and {len(said) - MOST_WORDS_N} more" if len(said) > MOST_WORDS_N else ""
    return ", ".join(said[:MOST_WORDS_N]) + more


def _faults(where: str, events: Events) -> tuple[Finding, ...]:
    """Say how many movements have no side, and how many events no duration where one is needed."""
    findings = []
    is_movement = events.kind == "lm"
    n_sideless = int(np.sum(is_movement & (events.site == "")))
    if n_sideless:
        message = f"{n_sideless} of {int(is_movement.sum())} movements do not say of which limb; "
        message += "they count as movements of a leg"
        findings.append(Finding("warning", "events.no_side", where, message))
    moments = events.where(events.end_s <= events.onset_s).of_kind(LASTING_KINDS)
    for kind, n in sorted(Counter(moments.kind.tolist()).items()):
        what = "movements" if kind == "lm" else f"events {kind!r}"
        note = "are too short for every rule" if kind == "lm" else "overlap with nothing"
        message = f"{n} {what} last 0 s and {note}"
        findings.append(Finding("warning", "events.no_duration", where, message))
    return tuple(findings)
