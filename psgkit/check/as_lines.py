"""Checked files for the terminal, one line a file, for folders of many."""

from collections.abc import Sequence

from psgkit.check.survey import CheckedFile
from psgkit.report.number_format import NO_VALUE, THIN, digits, hours_minutes
from psgkit.report.outside_text import end_of, visible
from psgkit.report.texts import text
from psgkit.report.words import counted, listed

_LONGEST_NAME = 48


def files_as_lines(files: Sequence[CheckedFile]) -> str:
    """Return one line a file: name, format, start, length, channels, legs, findings."""
    rows = [_line(file) for file in files]
    columns = list(zip(*(row[:-1] for row in rows), strict=True))
    widths = [max(map(len, column)) for column in columns]
    return "".join(
        "  ".join((*map(str.ljust, row[:-1], widths), row[-1])).rstrip() + "\n" for row in rows
    ).replace(THIN, " ")


def _line(file: CheckedFile) -> tuple[str, ...]:
    """Return the cells of a line; the last one says what is to be known about the file."""
    name = end_of(visible(file.name), _LONGEST_NAME)
    if file.error is not None:
        found = text("check.unreadable", found=file.error.found, wanted=file.error.wanted)
        return (name, NO_VALUE, NO_VALUE, NO_VALUE, NO_VALUE, visible(found))
    start = f"{file.start:%Y-%m-%d %H:%M}" if file.start else text("check.start_unknown")
    told = [_signals(file), _graver(file)]
    if file.simulated:
        told.append(text("check.simulated_too"))
    return (
        name,
        file.format,
        start,
        _duration(file),
        counted("check.n_channels", len(file.channels)),
        visible(text("check.next").join(told)),
    )


def _duration(file: CheckedFile) -> str:
    """Return how long was recorded, and in how many parts if there are gaps."""
    recorded = hours_minutes(file.recorded_s)
    n = len(file.segments)
    return recorded if n <= 1 else text("check.in_parts", duration=recorded, n=digits(n, 0))


def _signals(file: CheckedFile) -> str:
    """Return which legs can be used; of a file of annotations alone, which stages."""
    uses = {use.analysis: use for use in file.uses}
    if not file.channels:
        return text("check.annotations_only", stages=uses["stages"].reason)
    legs = uses["legs"]
    return text("check.legs", labels=legs.reason) if legs.usable else text("check.no_leg")


def _graver(file: CheckedFile) -> str:
    """Return how many errors and warnings there are."""
    severities = [row.finding.severity for row in file.findings]
    counts = {severity: severities.count(severity) for severity in ("error", "warning")}
    told = [counted(f"banner.{severity}", n) for severity, n in counts.items() if n]
    return listed(told) if told else text("check.no_warning")
