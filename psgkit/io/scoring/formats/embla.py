"""Read the XML of Embla and RemLogic: ``EventExport`` of events with absolute times."""

import re
from datetime import datetime

from psgkit.core.regex import regex
from psgkit.errors import TableError
from psgkit.io.scoring.clocks import moments_of, times_of
from psgkit.io.scoring.formats.embla_codes import stage_of_code
from psgkit.io.scoring.marks import Mark, MarkList
from psgkit.io.text.tables import quoted
from psgkit.io.text.xml_tree import ROOT, parsed_xml, text_of

HEAD = regex(rf"{ROOT}EventExport[\s/>]", re.DOTALL)
PLACES = ("Location", "Channel", "Signal", "SignalLocation", "Input")


def embla_marks(text: str, where: str, start: datetime | None) -> MarkList:
    """Return the marks of an ``EventExport``.

    Raises
    ------
    InputFileError
        If the XML is not well formed, too large, or declares entities.
    TableError
        If a time is none, an end lies before its start, or a stage is not known.
    """
    elements = list(parsed_xml(text, where).iterfind(".//Events/Event"))
    spots = [f"Event {number}" for number in range(1, len(elements) + 1)]
    if not elements:
        return MarkList()
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
        marks.append(
            Mark(
                onset_s=(onset - zero).total_seconds(),
                duration_s=(end - onset).total_seconds(),
                text=said,
                place=text_of(element, *PLACES),
                spot=spot,
                stage=stage_of_code(said),
            )
        )
    return MarkList(marks=tuple(marks), zero=zero, findings=findings)
