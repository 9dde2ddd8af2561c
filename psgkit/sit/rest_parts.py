"""The parts of a rest test: lying, seated and standing stretches, in the morning or the evening.

They are annotated in the recording (``lying evening start``, ``lying evening end``, or one
annotation that lasts), or listed in a table or a TOML file.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.recording import Recording
from psgkit.errors import SettingsError
from psgkit.io.text.clock import seconds_at
from psgkit.io.text.read import file_name, read_text
from psgkit.io.text.tables import parse_table
from psgkit.io.text.toml import parse_toml, read_toml_text
from psgkit.sit.test_window import Mark, marks_of, plain_words

POSTURES = ("lying", "seated", "standing")
"""Seated and standing are the postures in which the BARS observes (Barnes 1989)."""
SESSIONS = ("morning", "evening")
_POSTURE_OF = {
    **dict.fromkeys(("lying", "recumbent", "liegen", "liegend", "couche", "allonge"), "lying"),
    **dict.fromkeys(("seated", "sitting", "sitzen", "sitzend", "assis", "assise"), "seated"),
    **dict.fromkeys(("standing", "stehen", "stehend", "debout"), "standing"),
}
_SESSION_OF = {
    **dict.fromkeys(("morning", "morgen", "morgens", "matin", "am"), "morning"),
    **dict.fromkeys(("evening", "abend", "abends", "soir", "pm"), "evening"),
}
_STARTS = frozenset(("start", "starts", "started", "begin", "begins", "beginn", "debut", "on"))
_ENDS = frozenset(("end", "ends", "ended", "stop", "stops", "ende", "fin", "off"))
_FILLERS = frozenset(("rest", "test", "part", "position", "posture", "ruhe", "repos", "of", "the"))
_NOON = 12
_COLUMNS = ("posture", "from", "to", "session")
_TOML = "a TOML file with [[parts]]: posture, from, to, session"
EXAMPLE = "posture,from,to,session\nlying,20:00,20:20,evening\nseated,20:25,20:45,evening"
"""A table of parts, for help and messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RestPart:
    """A stretch ``[from_s, to_s)`` of the test in one posture.

    ``session`` is morning, evening, or empty where neither is known.
    """

    posture: str
    session: str
    from_s: float
    to_s: float
    source: str

    @property
    def is_upright(self) -> bool:
        """Return whether the person sits or stands."""
        return self.posture != "lying"


def find_parts(
    recording: Recording,
    events: Events | None = None,
    file: str | os.PathLike[str] | None = None,
) -> tuple[tuple[RestPart, ...], tuple[Finding, ...]]:
    """Return the parts of a rest test in order of time, and findings about them.

    Parameters
    ----------
    recording : Recording
    events : Events, optional
        The words of annotations as kinds of events.
    file : path, optional
        CSV or TOML; annotations are not read then.

    Raises
    ------
    SettingsError
        If there is no part, a part lies outside the recording, or two overlap.
    TableError
        If a line of the file cannot be a part.

    Examples
    --------
    >>> from psgkit.core.recording import Annotations, Segment
    >>> marks = Annotations(
    ...     onset_s=(60.0, 700.0),
    ...     duration_s=(600.0, 600.0),
    ...     text=("lying evening", "seated, evening"),
    ... )
    >>> hour = Segment(start_s=0.0, duration_s=3600.0)
    >>> recording = Recording(
    ...     source="a.edf", start=None, segments=(hour,), channels=(), annotations=marks)
    >>> [(one.posture, one.from_s, one.to_s) for one in find_parts(recording)[0]]
    [('lying', 60.0, 660.0), ('seated', 700.0, 1300.0)]
    """
    if file is None:
        parts, findings = _of_marks(marks_of(recording, events), recording)
    else:
        parts, findings = _of_file(file, recording), []
    if not parts:
        raise SettingsError(
            "--protocol rest-test",
            f"no part is marked in {recording.source}",
            "annotations such as 'lying evening start' and 'lying evening end', or --parts FILE",
            f"Write a file with these lines:\n{EXAMPLE}",
        )
    ordered = sorted(parts, key=lambda one: (one.from_s, one.to_s))
    _check(ordered, recording.duration_s)
    return _with_sessions(ordered, recording, findings)


def _of_marks(marks: Iterable[Mark], recording: Recording) -> tuple[list[RestPart], list[Finding]]:
    """Return the parts that annotations mark, and findings about marks without their other end."""
    known = [(mark, words) for mark in marks if (words := _meaning(mark[2])) is not None]
    starts = [mark[0] for mark, words in known if not words[2]]
    parts, findings, used = [], [], set()
    for (onset_s, end_s, text), (posture, session, is_end) in known:
        if is_end:
            continue
        ends = [
            (mark[0], number)
            for number, (mark, words) in enumerate(known)
            if words[2] and words[0] == posture and mark[0] > onset_s and number not in used
        ]
        following = min((one for one in starts if one > onset_s), default=recording.duration_s)
        if end_s > onset_s:
            to_s = end_s
        elif ends and ends[0][0] <= following + SLACK_S:
            to_s = ends[0][0]
            used.add(ends[0][1])
        else:
            to_s = following
            message = f"{text!r} at {onset_s:g} s has no end: the part is taken until {to_s:g} s"
            findings.append(Finding("warning", "protocol.no_end", recording.source, message))
        parts.append(
            RestPart(
                posture=posture, session=session, from_s=onset_s, to_s=to_s, source="annotation"
            )
        )
    lost = sum(words[2] for _mark, words in known) - len(used)
    if lost:
        message = f"{lost} annotated end{'s' * (lost > 1)} of a part without a start: not used"
        findings.append(Finding("warning", "protocol.no_start", recording.source, message))
    return parts, findings


def _meaning(text: str) -> tuple[str, str, bool] | None:
    """Return posture, session, and whether it is an end, of a mark; None for any other text."""
    words = plain_words(text).split()
    posture = {_POSTURE_OF[word] for word in words if word in _POSTURE_OF}
    session = {_SESSION_OF[word] for word in words if word in _SESSION_OF}
    known = {*_POSTURE_OF, *_SESSION_OF, *_STARTS, *_ENDS, *_FILLERS}
    foreign = [word for word in words if word not in known and not word.isdigit()]
    if len(posture) != 1 or len(session) > 1 or foreign:
        return None
    return posture.pop(), session.pop() if session else "", bool(_ENDS & set(words))


def _of_file(path: str | os.PathLike[str], recording: Recording) -> list[RestPart]:
    """Return the parts of a table, or of ``[[parts]]`` of a TOML file."""
    name = file_name(path)
    rows = _toml_rows(path) if name.lower().endswith(".toml") else _table_rows(path)
    return [_part(where, cells, recording) for where, cells in rows]


def _toml_rows(path: str | os.PathLike[str]) -> list[tuple[str, dict[str, str]]]:
    name = file_name(path)
    given = parse_toml(read_toml_text(path, _TOML), name, _TOML)
    listed: Any = given.get("parts", [])
    if set(given) - {"parts"} or not isinstance(listed, list):
        advice = '[[parts]]\nposture = "lying"\nfrom = "20:00"\nto = "20:20"\nsession = "evening"'
        raise SettingsError(name, ", ".join(map(repr, given)), "[[parts]] alone", advice)
    rows = []
    for number, row in enumerate(listed, start=1):
        where = f"{name}, part {number}"
        if not isinstance(row, dict) or set(row) - set(_COLUMNS):
            raise SettingsError(where, f"{row!r}", f"the keys {', '.join(_COLUMNS)}")
        rows.append((where, {key: str(value) for key, value in row.items()}))
    return rows


def _table_rows(path: str | os.PathLike[str]) -> list[tuple[str, dict[str, str]]]:
    table = parse_table(read_text(path), file_name(path))
    columns = {name: table.text(table.one_of((name,))) for name in _COLUMNS[:3]}
    if "session" in table.header:
        columns["session"] = table.text("session")
    return [
        (f"{table.where}, line {line}", {name: column[row] for name, column in columns.items()})
        for row, line in enumerate(table.lines)
    ]


def _part(where: str, cells: dict[str, str], recording: Recording) -> RestPart:
    posture = _POSTURE_OF.get(plain_words(cells.get("posture", "")))
    if posture is None:
        found = repr(cells.get("posture", ""))
        raise SettingsError(f"{where}, posture", found, f"one of {', '.join(POSTURES)}")
    said = plain_words(cells.get("session", ""))
    session = _SESSION_OF.get(said, "")
    if said and not session:
        wanted = f"one of {', '.join(SESSIONS)}, or nothing"
        raise SettingsError(f"{where}, session", repr(cells["session"]), wanted)
    ends = [
        seconds_at(cells.get(key, ""), recording.start, f"{where}, {key}", recording.duration_s)
        for key in ("from", "to")
    ]
    return RestPart(posture=posture, session=session, from_s=ends[0], to_s=ends[1], source=where)


def _check(parts: Sequence[RestPart], last_s: float) -> None:
    """Raise for a part that ends before it starts, lies outside the recording, or overlaps."""
    for one in parts:
        if not -SLACK_S <= one.from_s < one.to_s <= last_s + SLACK_S:
            raise SettingsError(
                f"the part {one.posture} ({one.source})",
                f"from {one.from_s:g} to {one.to_s:g} s",
                f"a start before its end, within the recording of {last_s:g} s",
            )
    for one, after in pairwise(parts):
        if after.from_s < one.to_s - SLACK_S:
            raise SettingsError(
                f"the parts {one.posture} and {after.posture}",
                f"{after.posture} begins at {after.from_s:g} s, before {one.posture} ends at "
                f"{one.to_s:g} s",
                "parts that do not overlap",
            )


def _with_sessions(
    parts: Sequence[RestPart], recording: Recording, findings: list[Finding]
) -> tuple[tuple[RestPart, ...], tuple[Finding, ...]]:
    """Return the parts with a session by the clock where none was given, and findings."""
    given = [one for one in parts if one.session]
    read = f"{len(parts)} parts: " + ", ".join(
        f"{one.posture} {one.from_s:g}-{one.to_s:g} s" for one in parts
    )
    findings = [*findings, Finding("info", "protocol.parts", parts[0].source, read)]
    if len(given) == len(parts):
        return tuple(parts), tuple(findings)
    n = len(parts) - len(given)
    if recording.start is None:
        message = f"{n} of {len(parts)} parts have no session, and the clock is not known"
        findings.append(Finding("warning", "protocol.session", recording.source, message))
        return tuple(parts), tuple(findings)
    message = f"{n} of {len(parts)} parts have no session: morning before 12:00, else evening"
    findings.append(Finding("info", "protocol.session", recording.source, message))
    start = recording.start
    return tuple(
        one if one.session else replace(one, session=_session_at(start, one.from_s))
        for one in parts
    ), tuple(findings)


def _session_at(start: datetime, seconds: float) -> str:
    return SESSIONS[(start + timedelta(seconds=seconds)).hour >= _NOON]
