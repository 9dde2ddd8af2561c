"""A checked file as a page, and the page for the terminal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from psgkit.check.shares import STRETCH_S, STRETCHES_AT_MOST
from psgkit.check.survey import CheckedChannel, CheckedFile, CheckedFinding
from psgkit.check.uses import Use
from psgkit.document.outside_text import end_of, visible
from psgkit.errors import PsgkitError
from psgkit.report.night.content import finding_section, grave_counts, segment_rows, used_as
from psgkit.report.page_model import Facts, Notes, Page, Part, Section, Table
from psgkit.report.terminal import page_as_text
from psgkit.report.words.language import Words, _, in_context, marked, plural
from psgkit.report.words.number_format import (
    NO_VALUE,
    THIN,
    date_and_time,
    digits,
    hours_minutes,
    megabytes,
    short_number,
    unit_in_words,
    with_unit,
)
from psgkit.report.words.words import listed, research_only, yes_or_no

_ANALYSES = Words(
    {
        "legs": marked("legs"),
        "arms": marked("arms"),
        "trunk": marked("trunk"),
        "accelerometer": marked("accelerometer"),
        "posture": marked("posture"),
        "stages": marked("stages"),
        "events": marked("events"),
    }
)


def file_as_text(file: CheckedFile, *, width: int = 100, colour: bool = False) -> str:
    """Return everything about one file as lines of at most ``width`` characters."""
    return page_as_text(page_about_file(file), width=width, colour=colour)


def page_about_file(file: CheckedFile) -> Page:
    """Return the page about one file."""
    sections: tuple[Section, ...]
    if file.error is not None:
        sections = (_why_not(file.error),)
    else:
        findings = [replace(row.finding, message=_advised(row)) for row in file.findings]
        sections = (_about(file), _uses(file), _channels(file), finding_section(findings))
    return Page(
        title=_("Recording check"),
        subtitle=file.name,
        banners=(_("Simulated: no person was recorded."),) if file.simulated else (),
        headline=(),
        sections=sections,
        disclaimer=research_only(),
    )


def _why_not(error: PsgkitError) -> Section:
    """Return why a file cannot be read."""
    rows = (
        (_("Where"), error.where),
        (_("Found"), error.found),
        (_("Wanted"), error.wanted),
        (_("Advice"), error.advice or NO_VALUE),
    )
    return Section(key="error", title=_("Cannot be read"), parts=(Facts(rows=rows),))


def _about(file: CheckedFile) -> Section:
    facts = (
        (_("Format"), file.format),
        (_("Size"), megabytes(file.size_bytes)),
        (_("Start"), date_and_time(file.start)),
        (_("Duration"), _duration(file)),
        (_("Channels"), digits(len(file.channels), 0)),
        (_("Annotations"), digits(file.annotations_n, 0)),
    )
    parts: tuple[Part, ...] = (Facts(rows=facts),)
    if len(file.segments) > 1:
        parts = (*parts, segment_rows(file.segments, file.start))
    return Section(key="recording", title=_("Recording"), parts=parts)


def _duration(file: CheckedFile) -> str:
    """Return the time from start to end, and the recorded part if there are gaps."""
    lasts, seconds = hours_minutes(file.duration_s), _seconds(file.duration_s)
    if len(file.segments) <= 1:
        return _("{duration} ({seconds})", duration=lasts, seconds=seconds)
    return _(
        "{duration} ({seconds}) in {n} segments, {recorded} recorded",
        duration=lasts,
        seconds=seconds,
        n=digits(len(file.segments), 0),
        recorded=_seconds(file.recorded_s),
    )


def _seconds(duration_s: float) -> str:
    return with_unit(short_number(round(duration_s, 3)), "s")


def _uses(file: CheckedFile) -> Section:
    """Return which analyses can use the file, and what of it."""
    rows = tuple(
        (_analysis(use), yes_or_no(use.usable), use.reason or NO_VALUE) for use in file.uses
    )
    head = (_("Analysis"), _("Usable"), _("What, or why not"))
    table = Table(head=head, rows=rows, n_text=3)
    return Section(key="uses", title=_("What it can be used for"), parts=(table,))


def _analysis(use: Use) -> str:
    return _ANALYSES[use.analysis]


def _channels(file: CheckedFile) -> Section:
    """Return the section on contents and uses of each channel."""
    title = _("Channels")
    if not file.channels:
        return Section(key="channels", title=title, parts=(Notes(lines=(_("None."),)),))
    numbers = Table(
        head=(
            _("Channel"),
            _("Unit"),
            in_context("sampling", "Rate"),
            in_context("signal", "Range"),
            in_context("signal", "Step"),
            _("Flat"),
            _("Satur."),
            _("Mains"),
        ),
        rows=tuple(map(_numbers, file.channels)),
        n_text=2,
        foot=_(
            "Flat, saturated and mains-dominated time of up to {n} stretches of {length}, "
            "spread over the recording.",
            n=digits(STRETCHES_AT_MOST, 0),
            length=with_unit(short_number(STRETCH_S), "s"),
        ),
    )
    roles = Table(
        head=(_("Channel"), _("Role"), _("Decided by"), _("Usable for")),
        rows=tuple(map(_role, file.channels)),
        n_text=4,
    )
    return Section(key="channels", title=title, parts=(numbers, roles))


def _numbers(row: CheckedChannel) -> tuple[str, ...]:
    channel, shares = row.channel, row.shares
    low, high = channel.limits or (None, None)
    span = NO_VALUE if low is None or high is None else _span(low, high)
    unit = unit_in_words(channel.unit)
    if channel.stored_unit and channel.stored_unit != channel.unit:
        unit = _("{unit} (from {stored})", unit=unit, stored=channel.stored_unit)
    return (
        channel.label,
        unit or _("not stated"),
        with_unit(short_number(channel.rate_hz), "Hz"),
        span,
        NO_VALUE if channel.resolution is None else short_number(channel.resolution, 3),
        *map(_percent, (shares.flat, shares.saturated, shares.mains)),
    )


def _span(low: float, high: float) -> str:
    """Return a range; the full 16-bit range has one step more below zero."""
    if abs(low + high) <= abs(high) * 2e-4:
        return f"\u00b1{short_number(high, 4)}"
    return _("{low} to {high}", low=short_number(low, 4), high=short_number(high, 4))


def _percent(share: float | None) -> str:
    if share is None:
        return NO_VALUE
    return with_unit(digits(100 * share, 1) if share else "0", "%")


def _role(row: CheckedChannel) -> tuple[str, ...]:
    """Return one line on role and uses of a channel."""
    channel = row.channel
    return (channel.label, used_as(channel) or NO_VALUE, channel.rule, _usable_for(row))


def _usable_for(row: CheckedChannel) -> str:
    """Return the analyses that can use a channel; else why that of its role cannot."""
    used = [_analysis(use) for use in row.uses if use.usable]
    if used:
        return listed(used)
    own = {"leg": "legs", "arm": "arms"}.get(row.channel.role, row.channel.role)
    why_not = [use for use in row.uses if use.analysis == own and use.reason]
    if not why_not:
        return row.channel.reason or NO_VALUE
    use = why_not[0]
    return _("not for {analysis}: {reason}", analysis=_analysis(use), reason=use.reason)


def _advised(row: CheckedFinding) -> str:
    """Return a finding with its advice."""
    message = row.finding.message
    return f"{message.removesuffix('.')}. {row.advice}" if row.advice else message


_LONGEST_NAME = 48


def files_as_lines(files: Sequence[CheckedFile]) -> str:
    """Return one line for each file: name, format, start, length, channels, legs, findings."""
    rows = [_line(file) for file in files]
    columns = list(zip(*(row[:-1] for row in rows), strict=True))
    widths = [max(map(len, column)) for column in columns]
    return "".join(
        "  ".join((*map(str.ljust, row[:-1], widths), row[-1])).rstrip() + "\n" for row in rows
    ).replace(THIN, " ")


def _line(file: CheckedFile) -> tuple[str, ...]:
    """Return the cells of a line; the last one has the findings of the file."""
    name = end_of(visible(file.name), _LONGEST_NAME)
    if file.error is not None:
        found = _(
            "unreadable: found {found}, wanted {wanted}",
            found=file.error.found,
            wanted=file.error.wanted,
        )
        return (name, NO_VALUE, NO_VALUE, NO_VALUE, NO_VALUE, visible(found))
    start = f"{file.start:%Y-%m-%d %H:%M}" if file.start else _("start unknown")
    about = [_signals(file), _graver(file)]
    if file.simulated:
        about.append(_("simulated"))
    return (
        name,
        file.format,
        start,
        _duration_as_lines(file),
        plural("{n} channel", "{n} channels", len(file.channels)),
        visible("; ".join(about)),
    )


def _duration_as_lines(file: CheckedFile) -> str:
    """Return the recorded time, and the number of segments if there are gaps."""
    recorded = hours_minutes(file.recorded_s)
    n = len(file.segments)
    return recorded if n <= 1 else _("{duration} in {n} parts", duration=recorded, n=digits(n, 0))


def _signals(file: CheckedFile) -> str:
    """Return the usable legs; for a file of annotations only, the stages."""
    uses = {use.analysis: use for use in file.uses}
    if not file.channels:
        return _("annotations only: {stages}", stages=uses["stages"].reason)
    legs = uses["legs"]
    return _("legs: {labels}", labels=legs.reason) if legs.usable else _("no usable leg")


def _graver(file: CheckedFile) -> str:
    """Return how many errors and warnings there are."""
    counts = grave_counts(Counter(row.finding.severity for row in file.findings))
    return listed(counts) or _("no warning")
