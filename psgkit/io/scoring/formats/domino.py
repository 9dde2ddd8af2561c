"""Read the text files of DOMINO (SOMNOmedics): one file a signal, stages or events.

A header of ``Signal ID``, ``Start Time``, ``Signal Type``; then ``01:00:00,000; N1`` for an epoch
(``Discret``), or ``01:01:00,750-01:01:12,250; 12;PLM Arousal (EEG)`` for an event with an end
(``Impuls``).  The clock has 24 hours and no date.

Burst scoring (``Generic``) marks each limb as phasic, tonic and any, which overlap: a movement is
the union of these marks.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.errors import InputFileError, TableError
from psgkit.io.scoring.clocks import (
    DAY_S,
    HALF_DAY_H,
    HALF_DAY_S,
    moments_of,
    times_of,
    unrolled_s,
    written_time,
)
from psgkit.io.scoring.marks import UNKNOWN_STAGE, Mark, MarkList
from psgkit.io.scoring.words import stage_of_word
from psgkit.io.text.read import lines_of
from psgkit.io.text.tables import quoted

HEAD = regex(
    r"\A(?=(?:.*\n){0,11}signal id *:)(?=(?:.*\n){0,11}(?:start time|signal type) *:)", re.I
)
_HEAD_LINE = regex(r"(signal id|start time|unit|signal type|events list|rate) *:(.*)", re.I)
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_ROW = regex(rf"(?:({_DATE}),? +)?({_CLOCK}) *(?:- *((?:{_DATE},? +)?{_CLOCK}))? *;(.*)")
"""A row, in newer versions with the date before each clock time."""
_NUMBER = regex(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+) *%?")
_RATE = regex(r" *(\d{1,4}(?:[.,]\d{1,3})?) *s *", re.I)
_BURST = regex(r"(left|right)(arm|leg)(phasic|tonic|any|artifact)", re.I)
START_SLACK_S = 60.0
"""Rows may begin a little before the start that the head states to the second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One line of the file."""

    onset: str
    end: str
    text: str
    spot: str


def domino_marks(text: str, where: str, start: datetime | None) -> MarkList:
    r"""Return the marks of a DOMINO file.

    Examples
    --------
    >>> head = "Signal ID: SchlafProfil\\profil\nStart Time: 23.09.2020 01:00:00\n"
    >>> text = head + "Signal Type: Discret\nRate: 30 s\n\n01:00:00,000; N1"
    >>> found = domino_marks(text, "profile.txt", None)
    >>> found.marks[0].stage, found.marks[0].duration_s, found.zero.hour
    ('N1', 30.0, 1)

    Raises
    ------
    TableError
        If a row, a time or a stage is not understood.
    """
    head, rows = _parsed(text, where)
    if head.get("signal type", "").lower().startswith(("analog", "cont")):
        raise InputFileError(where, "a sampled signal of DOMINO", "stages or events")
    if not rows:
        return MarkList()
    onsets = times_of([row.onset for row in rows], [row.spot for row in rows], where)
    stated, findings = _file_start(head.get("start time", ""), onsets[0].clock_s, start, where)
    anchor = stated if stated is not None else start
    if anchor is not None and stated is not None:
        # the first row is the first occurrence of its time after the start
        late_s = (onsets[0].clock_s - _clock_s(stated) + START_SLACK_S) % DAY_S
        anchor = stated + timedelta(seconds=late_s - START_SLACK_S)
    moments, _ = moments_of(onsets, anchor, where)
    zero = stated if stated is not None else moments[0]
    rate = _RATE.fullmatch(head.get("rate", ""))
    epoch_s = float(rate[1].replace(",", ".")) if rate else 0.0
    marks = [
        Mark(
            onset_s=(moment - zero).total_seconds(),
            duration_s=_lasting_s(row, epoch_s, where),
            text=row.text,
            spot=row.spot,
        )
        for row, moment in zip(rows, moments, strict=True)
    ]
    marks, about_bursts = _with_bursts_joined(_with_stages(marks, head), where)
    return MarkList(marks=tuple(marks), zero=zero, findings=(*findings, *about_bursts))


def _parsed(text: str, where: str) -> tuple[dict[str, str], list[_Row]]:
    head: dict[str, str] = {}
    rows = []
    for number, line in enumerate(lines_of(text), start=1):
        stripped = line.strip()
        match = _ROW.fullmatch(stripped)
        if match:
            fields = [field.strip() for field in match[4].split(";")]
            named = [field for field in fields if field and not _NUMBER.fullmatch(field)]
            spot = f"line {number}"
            said = named[0] if named else next(filter(None, fields), "")
            date = f"{match[1]} " if match[1] else ""
            rows.append(_Row(onset=date + match[2], end=match[3] or "", text=said, spot=spot))
        elif rows and stripped:
            wanted = "a row such as '01:00:00,000; N1' or '01:01:00,750-01:01:12,250; 12;Arousal'"
            raise TableError(f"{where}, line {number}", quoted(stripped), wanted)
        elif found := _HEAD_LINE.match(stripped):
            head.setdefault(found[1].lower(), found[2].strip())
        elif stripped:
            wanted = "a line of the head, such as 'Start Time: 23.09.2020 01:00:00', or a row"
            raise TableError(f"{where}, line {number}", quoted(stripped), wanted)
    return head, rows


def _file_start(
    written: str, first_s: float, start: datetime | None, where: str
) -> tuple[datetime | None, tuple[Finding, ...]]:
    """Return the start stated in the header, and findings about it.

    Programs that add "PM" to a 24-hour clock shift the start by half a day; the rows reveal it,
    because no first row comes twelve hours after the start.
    """
    time = written_time(written)
    if time is None or time.numbers is None:
        message = translatable(
            f"the start time {quoted(written)} is no date with time: only clock times are used"
        )
        return None, (Finding("warning", "clock.unknown", where, message),)
    (stated,), findings = moments_of([time], start, where)
    late_s = (first_s - time.clock_s + START_SLACK_S) % DAY_S
    if not time.has_half or late_s < HALF_DAY_S + START_SLACK_S:
        return stated, findings
    other = stated + timedelta(hours=-HALF_DAY_H if stated.hour >= HALF_DAY_H else HALF_DAY_H)
    if start is not None and abs(stated - start) < abs(other - start):
        return stated, findings
    message = translatable(
        f"the start {quoted(written)} is {late_s / 3600:.1f} h before the first row; taken as "
        f"{other:%H:%M:%S}, because a.m. and p.m. do not go with a clock of 24 hours"
    )
    return other, (*findings, Finding("warning", "clock.half_day", where, message))


def _clock_s(moment: datetime) -> float:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return (moment - midnight).total_seconds()


def _lasting_s(row: _Row, epoch_s: float, where: str) -> float:
    """Return the duration of a row: to its end, which may be after midnight, or one epoch."""
    if not row.end:
        return epoch_s
    both = times_of([row.onset, row.end], [row.spot] * 2, where)
    onset_s, end_s = unrolled_s([time.clock_s for time in both])
    if end_s < onset_s:
        found = f"an end at {row.end}, before the onset at {row.onset}"
        raise TableError(f"{where}, {row.spot}", found, "an end after the onset")
    return end_s - onset_s


def _with_stages(marks: list[Mark], head: dict[str, str]) -> list[Mark]:
    """Return the marks with their stages, if the file is a sleep profile."""
    if head.get("signal type", "").lower().startswith("impuls"):
        return marks
    stage_of = {text: stage_of_word(text) for text in {mark.text for mark in marks}}
    is_profile = re.search(r"profil|schlaf|sleep|stage", head.get("signal id", ""), re.I)
    if not is_profile and not {"W", "N1", "N2", "N3", "R"} & set(stage_of.values()):
        return marks
    staged = []
    for mark in marks:
        stage = stage_of[mark.text]
        staged.append(replace(mark, stage=UNKNOWN_STAGE if stage is None else stage))
    return staged


def _with_bursts_joined(marks: list[Mark], where: str) -> tuple[list[Mark], tuple[Finding, ...]]:
    """Return the marks with the burst classes of each limb as movements of that limb."""
    rest: list[Mark] = []
    movements: list[Mark] = []
    last_at: dict[tuple[str, str], int] = {}
    n_bursts = 0
    for mark in sorted(marks, key=lambda mark: mark.onset_s):
        match = _BURST.fullmatch(mark.text)
        if match is None:
            rest.append(mark)
            continue
        place = f"{match[1]} {match[2]}".lower()
        what = "artifact" if match[3].lower() == "artifact" else "LM"
        n_bursts += what == "LM"
        named = replace(mark, text=what, place=place)
        at = last_at.get((place, what))
        if at is not None and mark.onset_s <= movements[at].onset_s + movements[at].duration_s:
            movements[at] = _reaching(movements[at], mark.onset_s + mark.duration_s)
        else:
            last_at[place, what] = len(movements)
            movements.append(named)
    if not movements:
        return marks, ()
    n_movements = sum(mark.text == "LM" for mark in movements)
    message = translatable(
        f"{n_bursts} bursts marked phasic, tonic or any are taken as {n_movements} movements: "
        "overlapping and touching ones of a limb are one; those of the chin are no limb movements"
    )
    return [*rest, *movements], (Finding("info", "events.bursts", where, message),)


def _reaching(mark: Mark, end_s: float) -> Mark:
    """Return the mark extended at least to ``end_s``."""
    return replace(mark, duration_s=max(mark.duration_s, end_s - mark.onset_s))
