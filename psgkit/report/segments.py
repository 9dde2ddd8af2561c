"""The stretches of a recording with gaps, as a table."""

from collections.abc import Sequence
from datetime import datetime

from psgkit.core.recording import Segment
from psgkit.report.number_format import NO_VALUE, clock, digits, elapsed
from psgkit.report.parts import Table
from psgkit.report.texts import text

_SHOWN_AT_MOST = 40


def segment_rows(segments: Sequence[Segment], start: datetime | None) -> Table:
    """Return one line a segment: when it starts and ends, and the gap before it.

    Examples
    --------
    >>> parts = [Segment(start_s=0.0, duration_s=60.0), Segment(start_s=90.0, duration_s=30.0)]
    >>> segment_rows(parts, None).rows[1]
    ('2', '0:01:30', '0:02:00', '0:00:30', '0:00:30')
    """
    rows = []
    before_s = 0.0
    for number, segment in enumerate(segments[:_SHOWN_AT_MOST], start=1):
        gap = elapsed(segment.start_s - before_s) if number > 1 else NO_VALUE
        begin, end = (clock(start, at_s) for at_s in (segment.start_s, segment.end_s))
        rows.append((str(number), begin, end, elapsed(segment.duration_s), gap))
        before_s = segment.end_s
    hidden = len(segments) - len(rows)
    return Table(
        title=text("segments.title"),
        head=("", *(text(f"segments.{name}") for name in ("from", "to", "recorded", "gap"))),
        rows=tuple(rows),
        foot=text("segments.hidden", n=digits(hidden, 0)) if hidden else "",
    )
