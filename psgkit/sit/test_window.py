"""The part of a recording that is the test, and the time awake in it, which counts."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from psgkit.analysis.stages import given_estimate
from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, UNSCORED, Hypnogram
from psgkit.core.intervals import Intervals, intersect, total
from psgkit.core.night_report import RECORDING_END, RECORDING_START
from psgkit.core.recording import Recording
from psgkit.core.regex import regex
from psgkit.errors import SettingsError
from psgkit.io.scoring.annotations import hypnogram_from_annotations
from psgkit.sit.report import FLOOR, MarkedPart, SitSettings, SitTest
from psgkit.sleep.alignment import align

Mark = tuple[float, float, str]
"""Start and end in seconds, and text of an annotation."""

_NAME = (
    r"(?:m(?:ultiple)? ?)?(?:sits?|s i t|(?:suggested |forced )?immobili[sz]ation(?: test)?"
    r"|test d immobilisation(?: suggeree)?|immobilisations?test)(?: test)?(?: \d+)?"
)
_STARTS = r"(?:start(?:s|ed|ing)?|begin(?:s|ning)?|beginn|begun|debut|onset|on)"
_ENDS = r"(?:end(?:s|ed)?|stop(?:s|ped)?|finish(?:ed)?|ende|fin|offset|off)"
_BETWEEN = r"(?: (?:of|the|de|du|la|des))*"
_IS_TEST = regex(_NAME)
_IS_START = regex(rf"{_NAME} {_STARTS}|{_STARTS}{_BETWEEN} {_NAME}")
_IS_END = regex(rf"{_NAME} {_ENDS}|{_ENDS}{_BETWEEN} {_NAME}")
_LONGEST_TEXT = 60


def find_part(
    recording: Recording,
    events: Events | None = None,
    from_s: float | None = None,
    to_s: float | None = None,
) -> tuple[MarkedPart, tuple[Finding, ...]]:
    """Return the part of the recording that is the test, and findings about it.

    Parameters
    ----------
    recording : Recording
        Annotations such as ``SIT start`` and ``SIT end``, or one ``SIT`` that lasts, mark the part.
    events : Events, optional
        The same words as kinds of events.
    from_s, to_s : float, optional
        Ends given as options; they take precedence over marks.

    Raises
    ------
    SettingsError
        If the start does not come before the end, or the part lies outside the recording.

    Examples
    --------
    >>> from psgkit.core.recording import Segment
    >>> hour = Segment(start_s=0.0, duration_s=4000.0)
    >>> recording = Recording(source="sit.edf", start=None, segments=(hour,), channels=())
    >>> find_part(recording, from_s=300.0)[0].source
    '--from, end of the recording'
    """
    marked, findings = _marked(marks_of(recording, events), recording.source, from_s)
    last_s = recording.duration_s
    low, low_from = _end_of((from_s, "--from"), marked[0], (0.0, RECORDING_START))
    high, high_from = _end_of((to_s, "--to"), marked[1], (last_s, RECORDING_END))
    if not -SLACK_S <= low < min(high, last_s):
        raise SettingsError(
            "the marked part",
            f"from {low:g} s ({low_from}) to {high:g} s ({high_from})",
            f"a start before the end, within the recording of {last_s:g} s",
        )
    if high > last_s + SLACK_S:
        message = f"{high_from} at {high:g} s lies after the recording, which ends at {last_s:g} s"
        findings.append(Finding("warning", "protocol.cut", recording.source, message))
    if {low_from, high_from} & {RECORDING_START, RECORDING_END}:
        message = f"the test is taken from the {low_from} to the {high_from}".replace(
            "the --", "--"
        )
        findings.append(Finding("warning", "protocol.unmarked", recording.source, message))
    source = low_from if low_from == high_from else f"{low_from}, {high_from}"
    part = MarkedPart(from_s=max(low, 0.0), to_s=min(high, last_s), source=source)
    return part, tuple(findings)


def _end_of(
    typed: tuple[float | None, str], marked: float | None, otherwise: tuple[float, str]
) -> tuple[float, str]:
    """Return one end of the part and its source."""
    if typed[0] is not None:
        return typed[0], typed[1]
    return (marked, "annotation") if marked is not None else otherwise


def marks_of(recording: Recording, events: Events | None) -> list[Mark]:
    """Return all annotations and events, in time order."""
    written = recording.annotations
    found = {
        (onset_s, onset_s + lasts_s, text)
        for onset_s, lasts_s, text in zip(
            written.onset_s, written.duration_s, written.text, strict=True
        )
    }
    if events is not None:
        columns = (events.onset_s.tolist(), events.end_s.tolist(), events.kind.tolist())
        found |= set(zip(*columns, strict=True))
    return sorted(found)


def _marked(
    marks: Iterable[Mark], where: str, from_s: float | None
) -> tuple[tuple[float | None, float | None], list[Finding]]:
    """Return the marked start and end (None without a mark), and findings about them."""
    starts: list[Mark] = []
    ends: list[Mark] = []
    for mark in marks:
        words = plain_words(mark[2])
        lasts = mark[1] > mark[0]
        if _IS_TEST.fullmatch(words) and lasts:
            starts.append(mark)
            ends.append((mark[1], mark[1], mark[2]))
        elif _IS_START.fullmatch(words):
            starts.append(mark)
        elif _IS_END.fullmatch(words):
            ends.append(mark)
    low = starts[0] if starts and from_s is None else None
    first_s = from_s if from_s is not None else low[0] if low is not None else 0.0
    high = min((mark for mark in ends if mark[0] > first_s), default=None)
    used = [
        f"{mark[2]!r} at {mark[0]:g} s as the {which}"
        for mark, which in ((low, "start"), (high, "end"))
        if mark is not None
    ]
    said = f"read {' and '.join(used)} of the test"
    findings = [Finding("info", "protocol.marks", where, said)] if used else []
    if len(starts) > 1 and from_s is None:
        message = (
            f"{len(starts)} starts of a test are marked; the first is taken, --from chooses another"
        )
        findings.append(Finding("warning", "protocol.several", where, message))
    return (low[0] if low else None, high[0] if high else None), findings


def plain_words(text: str) -> str:
    """Return a text in lower case, without accents and punctuation, with single blanks."""
    if len(text) > _LONGEST_TEXT or "?" in text:
        return ""
    parts = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", letters))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TimeAwake:
    """The stretches of the test that count, and findings about the rest."""

    stretches: Intervals
    hypnogram: Hypnogram | None
    findings: tuple[Finding, ...]


def time_awake(recording: Recording, hypnogram: Hypnogram | None, test: SitTest) -> TimeAwake:
    """Return the time of the test that was recorded and awake.

    Without a hypnogram the stages annotated in the recording are used, without these all time.
    """
    part = intersect(np.array([[test.part.from_s, test.part.to_s]]), recording.recorded())
    if hypnogram is None:
        hypnogram = hypnogram_from_annotations(recording.annotations, where=recording.source)
    hypnogram = align(hypnogram, recording.duration_s) if hypnogram is not None else None
    spent_s = {
        state: total(intersect(hypnogram.stretches(stages), part)) if hypnogram else 0.0
        for state, stages in (("W", ("W",)), ("asleep", SLEEP_STAGES), ("unscored", (UNSCORED,)))
    }
    if hypnogram is None or not spent_s["W"] + spent_s["asleep"]:
        what = "no stages were given or annotated" if hypnogram is None else "no stage is scored"
        message = f"{what} within the test: all of it counts as awake"
        found = (Finding("warning", "sit.no_hypnogram", "hypnogram", message),)
        return TimeAwake(stretches=part, hypnogram=None, findings=found)
    findings = tuple(
        Finding(
            "warning",
            f"sit.{state}",
            "hypnogram",
            f"{spent_s[state] / 60:.1f} min of the test are {state}: cut out of counts and hours",
        )
        for state in ("asleep", "unscored")
        if spent_s[state] > SLACK_S
    )
    stretches = intersect(hypnogram.stretches(("W",)), part)
    findings = (*findings, *given_estimate(hypnogram))
    return TimeAwake(stretches=stretches, hypnogram=hypnogram, findings=findings)


def with_answers_inside(test: SitTest) -> tuple[SitTest, list[Finding]]:
    """Return the test with the answers given during it, both ends included."""
    answers, part = test.discomfort, test.part
    if answers is None:
        return test, []
    inside = (answers.time_s >= part.from_s - SLACK_S) & (answers.time_s <= part.to_s + SLACK_S)
    outside_n = int((~inside).sum())
    if not outside_n:
        return test, []
    message = f"{outside_n} of {len(answers)} scores were not given during the test: left out"
    found = Finding("warning", "discomfort.outside", "discomfort", message)
    return replace(test, discomfort=answers.where(inside)), [found]


def findings_about(test: SitTest, settings: SitSettings) -> list[Finding]:
    """Return the notes on the protocol, and a warning if the test was stopped early."""
    part = test.part
    where = f"from {part.from_s:g} to {part.to_s:g} s"
    found = [Finding("info", f"{test.protocol.name}.rules", "rules", FLOOR)]
    if test.protocol.name == "msit":
        found.append(Finding("info", "msit.movement", "protocol", test.protocol.movement))
    if part.duration_s < settings.full_length_s - SLACK_S:
        message = (
            f"the test lasts {part.duration_s / 60:.1f} min, {settings.full_length_s / 60:g} are "
            "meant: rates are per hour all the same"
        )
        found.append(Finding("warning", "sit.short", where, message))
    return found
