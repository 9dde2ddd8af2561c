"""Read the XML of Embla and RemLogic: ``EventExport`` of events with absolute times."""

from datetime import datetime
from xml.etree.ElementTree import Element

from psgkit.errors import TableError
from psgkit.io.scoring.clocks import moments_of, times_of
from psgkit.io.scoring.formats.xml_tree import text_of
from psgkit.io.scoring.marks import Mark, MarkList
from psgkit.io.scoring.stage_words import KNOWN_WORDS, stage_among_events
from psgkit.io.text.tables import quoted

FORMAT = "Embla XML"
PLACES = ("Location", "Channel", "Signal", "SignalLocation", "Input")


def embla_marks(root: Element, where: str, start: datetime | None) -> MarkList:
    """Return the marks of an ``EventExport``.

    Raises
    ------
    TableError
        If a time is none, an end lies before its start, or a stage is not known.
    """
    elements = list(root.iterfind(".//Events/Event"))
    spots = [f"Event {number}" for number in range(1, len(elements) + 1)]
    if not elements:
        return MarkList(where=where, format=FORMAT, marks=())
    onsets = [text_of(element, "StartTime", "Start") for element in elements]
    ends = [
        text_of(element, "StopTime", "EndTime", "Stop") or onset
        for element, onset in zip(elements, onsets, strict=True)
    ]
    both = times_of([*onsets, *ends], [*spots, *spots], where)
    moments, findings = moments_of(both, start, where)
    began, ended = moments[: len(elements)], moments[len(elements) :]
    zero = min(began)
    marks = []
    for element, spot, onset, end in zip(elements, spots, began, ended, strict=True):
        said = text_of(element, "EventType", "Type", "Name")
        if end < onset:
            found = f"{quoted(said)} with an end before its start"
            raise TableError(f"{where}, {spot}", found, "an end after the start")
        stage = stage_among_events(said)
        if stage is None and said.lower().startswith("sleep-"):
            raise TableError(f"{where}, {spot}", quoted(said), f"a stage: {KNOWN_WORDS}")
        marks.append(
            Mark(
                onset_s=(onset - zero).total_seconds(),
                duration_s=(end - onset).total_seconds(),
                text=said,
                place=text_of(element, *PLACES),
                spot=spot,
                stage=stage,
            )
        )
    return MarkList(where=where, format=FORMAT, marks=tuple(marks), zero=zero, findings=findings)
