"""Night report to annotations of Luna (``.annot``): class, instance, channel, start, stop, meta.

Times are seconds from the start of the recording, so that no clock is needed to read them.
"""

from psgkit.core.night_report import NightReport
from psgkit.report.exchange.marks import ScoredMark, scored_marks
from psgkit.report.outside_text import visible

_HEADER = "class\tinstance\tchannel\tstart\tstop\tmeta"
_CLASSES = {"lm": "LM", "plm_series": "PLM_series"}
_EMPTY = "."


def luna_annot(report: NightReport) -> str:
    """Return the text of an annotation file, with what scoring found out as meta data."""
    lines = [_HEADER, *map(_line, scored_marks(report))]
    return "".join(f"{line}\n" for line in lines)


def _line(mark: ScoredMark) -> str:
    meta = ";".join(f"{key}={value}" for key, value in mark.facts.items())
    cells = (
        _CLASSES.get(mark.kind, mark.kind),
        _EMPTY,
        visible(mark.place) or _EMPTY,
        _seconds(mark.onset_s),
        _seconds(mark.onset_s + mark.duration_s),
        meta or _EMPTY,
    )
    return "\t".join(cells)


def _seconds(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
