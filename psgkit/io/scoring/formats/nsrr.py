"""Read the XML of Compumedics Profusion and of the NSRR, which is made from it.

Profusion: ``CMPStudyConfig`` with one number an epoch and ``ScoredEvent`` of name, start, duration
and input.  NSRR: ``PSGAnnotation`` with stages and events alike as ``ScoredEvent`` of a concept
(``Stage 2 sleep|2``; in older files ``SDO:NonRapidEyeMovementSleep-N2``).  Both count seconds from
the start of the recording.
"""

import math
import re
from datetime import datetime
from xml.etree.ElementTree import Element

from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import moments_of, written_time
from psgkit.io.scoring.marks import UNKNOWN_STAGE, Mark, MarkList
from psgkit.io.scoring.stage_rows import SHORTEST_EPOCH_S, USUAL_EPOCH_S
from psgkit.io.scoring.words import (
    kind_of_text,
    says_plm,
    stage_among_events,
    stage_of_word,
)
from psgkit.io.text.tables import quoted
from psgkit.io.text.xml_tree import ROOT, parsed_xml, text_of

PROFUSION_HEAD = regex(rf"{ROOT}CMPStudyConfig[\s/>]", re.DOTALL)
NSRR_HEAD = regex(rf"{ROOT}PSGAnnotation[\s/>]", re.DOTALL)
LONGEST_EPOCH_S = 120.0
_NUMBER = regex(r"[+-]?\d{1,12}(?:[.,]\d{0,12})?(?:[eE][+-]?\d{1,2})?")
_PREFIX = regex(r"^[SD][RD]O:", re.I)
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_FILLER = regex(r" (?:Finding|Event)\b")
_NREM = regex(r"non ?rapid ?eye ?movement ?sleep[ -]*", re.I)


def profusion_marks(text: str, where: str, _start: datetime | None) -> MarkList:
    """Return the marks of a ``CMPStudyConfig``.

    Raises
    ------
    InputFileError
        If the XML is not well formed, too large, or declares entities.
    TableError
        If a number is none, or a stage is not known.
    """
    root = parsed_xml(text, where)
    epoch_s = _epoch_s(root, where)
    marks = []
    for number, element in enumerate(root.iterfind(".//SleepStages/SleepStage")):
        code, spot = (element.text or "").strip(), f"SleepStage {number + 1}"
        stage = stage_of_word(f"Sleep stage {code}")
        stage = UNKNOWN_STAGE if stage is None else stage
        marks.append(
            Mark(onset_s=number * epoch_s, duration_s=epoch_s, text=code, spot=spot, stage=stage)
        )
    events = _scored_events(root, where)
    if marks:
        # the stages of the epochs count
        events = [mark for mark in events if _stage_of_concept(mark.text) is None]
    return MarkList(marks=(*marks, *events))


def nsrr_marks(text: str, where: str, start: datetime | None) -> MarkList:
    """Return the marks of a ``PSGAnnotation``; errors are those of ``profusion_marks``."""
    root = parsed_xml(text, where)
    zero, duration_s = _stated_recording(root, start)
    marks = tuple(_scored_events(root, where))
    return MarkList(marks=marks, zero=zero, duration_s=duration_s)


def _stated_recording(
    root: Element, start: datetime | None
) -> tuple[datetime | None, float | None]:
    """Return clock time and length of the recording, as its first "event" states them.

    The clock time stands behind a wiped date (``00.00.00 22.15.00``) or a real one.  A start that
    is known is the one seconds count from, whatever the file says.
    """
    for element in root.iterfind(".//ScoredEvents/ScoredEvent"):
        if not text_of(element, "EventConcept", "Name").lower().startswith("recording start time"):
            continue
        lasting = text_of(element, "Duration")
        duration_s = float(lasting) if _NUMBER.fullmatch(lasting) and "," not in lasting else None
        words = text_of(element, "ClockTime").split()
        time = written_time(words[-1]) if words else None
        if time is None or start is not None:
            return None, duration_s
        (zero,), _ = moments_of([time], None, "")
        return zero, duration_s
    return None, None


def _scored_events(root: Element, where: str) -> list[Mark]:
    marks = []
    for number, element in enumerate(root.iterfind(".//ScoredEvents/ScoredEvent"), start=1):
        spot = f"ScoredEvent {number}"
        concept = text_of(element, "EventConcept", "Name")
        if not concept or concept.lower().startswith("recording start time"):
            continue
        stage = _stage_of_concept(concept)
        is_stage = text_of(element, "EventType").lower().startswith(("stages", "sleep stag"))
        if is_stage and stage is None:
            stage = UNKNOWN_STAGE
        marks.append(
            Mark(
                onset_s=_seconds(element, "Start", f"{where}, {spot}"),
                duration_s=_seconds(element, "Duration", f"{where}, {spot}"),
                text=_plain_concept(concept),
                place=text_of(element, "SignalLocation", "Input"),
                spot=spot,
                stage=stage if stage is not None and (is_stage or _is_sleep(concept)) else None,
            )
        )
    return marks


def _stage_of_concept(concept: str) -> str | None:
    """Return the stage a concept states, None if it is none.

    After ``|`` stands the number of Rechtschaffen and Kales.
    """
    first, _, code = concept.partition("|")
    if code.strip().isdigit():
        return stage_of_word(f"Sleep stage {code.strip()}")
    plain = _NREM.sub("", _PREFIX.sub("", first).strip())
    named = re.fullmatch(r"stage ?(\d)4? ?sleep", _CAMEL.sub(" ", plain), re.I)
    if named:
        return stage_of_word(f"Sleep stage {named[1]}")
    return stage_of_word(plain)


def _is_sleep(concept: str) -> bool:
    """Return whether a concept outside the type "Stages" is nevertheless a stage."""
    first, _, code = concept.partition("|")
    return (
        code.strip().isdigit()
        or stage_among_events(_PREFIX.sub("", first)) is not None
        or (_PREFIX.match(concept) is not None and _stage_of_concept(concept) is not None)
    )


def _plain_concept(concept: str) -> str:
    """Return a concept as words: of ``A|B`` the known part, ``SDO:CamelCase`` split."""
    if _PREFIX.match(concept):
        return _FILLER.sub("", _CAMEL.sub(" ", _PREFIX.sub("", concept))).replace("-", " ")
    parts = [part.strip() for part in concept.split("|") if part.strip()]
    # "PLM (Left)" stands behind "Periodic leg movement - left"
    known = [part for part in parts if kind_of_text(part) is not None or says_plm(part)]
    return (known or parts or [""])[0]


def _seconds(element: Element, name: str, where: str) -> float:
    """Return the number in a child; a missing duration is 0."""
    written = text_of(element, name)
    if not written and name == "Duration":
        return 0.0
    value = float(written.replace(",", ".")) if _NUMBER.fullmatch(written) else math.nan
    if not math.isfinite(value):
        raise TableError(f"{where}, {name}", quoted(written), "a number of seconds")
    return value


def _epoch_s(root: Element, where: str) -> float:
    """Return the length of an epoch; 30 s if it is not stated."""
    if root.find("EpochLength") is None:
        return USUAL_EPOCH_S
    seconds = _seconds(root, "EpochLength", where)
    if not SHORTEST_EPOCH_S <= seconds <= LONGEST_EPOCH_S:
        wanted = f"an epoch of {SHORTEST_EPOCH_S:g} to {LONGEST_EPOCH_S:g} s"
        raise TableError(f"{where}, EpochLength", f"{seconds:g} s", wanted)
    return seconds
