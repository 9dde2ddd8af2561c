"""Checked files for the terminal: a page about one file, or one line a file."""

from collections.abc import Sequence

from psgkit.check.shares import STRETCH_S, STRETCHES_AT_MOST
from psgkit.check.survey import CheckedChannel, CheckedFile, CheckedFinding
from psgkit.check.uses import Use
from psgkit.core.recording import Segment
from psgkit.report.dates import date_and_time
from psgkit.report.outside_text import visible
from psgkit.report.parts import Facts, Notes, Page, Part, Remarks, Section, Table
from psgkit.report.segments import segment_rows
from psgkit.report.terminal import page_as_text
from psgkit.report.texts import text
from psgkit.report.words import (
    NO_VALUE,
    SEVERITIES,
    THIN,
    digits,
    hours_minutes,
    short_number,
    site_in_words,
    unit_in_words,
    with_unit,
    yes_or_no,
)

_LONGEST_NAME = 48


def file_as_text(file: CheckedFile, *, width: int = 100, colour: bool = False) -> str:
    """Return everything about one file as lines of at most ``width`` characters."""
    return page_as_text(page_about_file(file), width=width, colour=colour)


def files_as_lines(files: Sequence[CheckedFile]) -> str:
    """Return one line a file: name, format, start, length, channels, legs, findings."""
    rows = [_line(file) for file in files]
    columns = list(zip(*(row[:-1] for row in rows), strict=True))
    widths = [max(map(len, column)) for column in columns]
    return "".join(
        "  ".join((*map(str.ljust, row[:-1], widths), row[-1])).rstrip() + "\n" for row in rows
    ).replace(THIN, " ")


def _line(file: CheckedFile) -> tuple[str, ...]:
    name = visible(file.name)
    name = name if len(name) <= _LONGEST_NAME else f"...{name[3 - _LONGEST_NAME :]}"
    if file.error is not None:
        found = f"unreadable: found {file.error.found}, wanted {file.error.wanted}"
        return (name, NO_VALUE, NO_VALUE, NO_VALUE, NO_VALUE, visible(found))
    start = file.start.strftime("%Y-%m-%d %H:%M") if file.start else "start unknown"
    gaps = f" in {len(file.segments)} parts" if len(file.segments) > 1 else ""
    legs = next(use for use in file.uses if use.analysis == "legs")
    stages = next(use for use in file.uses if use.analysis == "stages")
    said = f"legs: {legs.reason}" if legs.usable else "no usable leg"
    if not file.channels:
        said = f"annotations only: {stages.reason}"
    graver = [row.finding.severity for row in file.findings if row.finding.severity != "info"]
    n_errors, n_warnings = graver.count("error"), graver.count("warning")
    counts = ((n_errors, "error"), (n_warnings, "warning"))
    told = ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n)
    simulated = "; simulated" if file.simulated else ""
    return (
        name,
        file.format,
        start,
        f"{hours_minutes(file.recorded_s)}{gaps}",
        f"{len(file.channels)} channels",
        visible(f"{said}; {told or 'no warning'}{simulated}"),
    )


def page_about_file(file: CheckedFile) -> Page:
    """Return the page about one file."""
    if file.error is not None:
        error = file.error
        facts = (
            ("Where", error.where),
            ("Found", error.found),
            ("Wanted", error.wanted),
            ("Advice", error.advice or NO_VALUE),
        )
        sections: tuple[Section, ...] = (
            Section(key="error", title="Cannot be read", parts=(Facts(rows=facts),)),
        )
    else:
        sections = (_about(file), _uses(file), _channels(file), _findings(file))
    banner = ("Simulated: no person was recorded.",) if file.simulated else ()
    return Page(
        title="Recording check",
        subtitle=file.name,
        banners=banner,
        headline=(),
        sections=sections,
        disclaimer=text("words.disclaimer"),
    )


def _about(file: CheckedFile) -> Section:
    start = date_and_time(file.start)
    facts = (
        ("Format", file.format),
        ("Size", with_unit(f"{file.size_bytes / 1e6:,.3g}", "MB")),
        ("Start", start),
        ("Duration", _duration(file.segments, file.duration_s, file.recorded_s)),
        ("Channels", str(len(file.channels))),
        ("Annotations", str(file.annotations_n)),
    )
    parts: tuple[Part, ...] = (Facts(rows=facts),)
    if len(file.segments) > 1:
        parts = (*parts, segment_rows(file.segments, file.start))
    return Section(key="recording", title="Recording", parts=parts)


def _duration(segments: Sequence[Segment], duration_s: float, recorded_s: float) -> str:
    said = f"{hours_minutes(duration_s)} ({with_unit(short_number(round(duration_s, 3)), 's')})"
    if len(segments) <= 1:
        return said
    recorded = with_unit(short_number(round(recorded_s, 3)), "s")
    return f"{said} in {len(segments)} segments, {recorded} recorded"


def _uses(file: CheckedFile) -> Section:
    rows = tuple((use.analysis, yes_or_no(use.usable), use.reason or NO_VALUE) for use in file.uses)
    table = Table(head=("Analysis", "Usable", "What, or why not"), rows=rows, n_text=3)
    return Section(key="uses", title="What it can be used for", parts=(table,))


def _channels(file: CheckedFile) -> Section:
    if not file.channels:
        return Section(key="channels", title="Channels", parts=(Notes(lines=("None.",)),))
    numbers = Table(
        head=("Channel", "Unit", "Rate", "Range", "Step", "Flat", "Satur.", "Mains"),
        rows=tuple(map(_numbers, file.channels)),
        n_text=2,
        foot=(
            f"Flat, saturated and mains-dominated time of up to {STRETCHES_AT_MOST} stretches of "
            f"{STRETCH_S:g} s, spread over the recording."
        ),
    )
    roles = Table(
        head=("Channel", "Role", "Decided by", "Usable for"),
        rows=tuple(map(_role, file.channels)),
        n_text=4,
    )
    return Section(key="channels", title="Channels", parts=(numbers, roles))


def _numbers(row: CheckedChannel) -> tuple[str, ...]:
    channel, shares = row.channel, row.shares
    low, high = channel.limits or (None, None)
    span = NO_VALUE if low is None or high is None else _span(low, high)
    unit = unit_in_words(channel.unit)
    if channel.stored_unit and channel.stored_unit != channel.unit:
        unit = f"{unit} (from {channel.stored_unit})"
    return (
        channel.label,
        unit or text("words.not_stated"),
        with_unit(short_number(channel.rate_hz), "Hz"),
        span,
        NO_VALUE if channel.resolution is None else f"{channel.resolution:.3g}",
        *map(_percent, (shares.flat, shares.saturated, shares.mains)),
    )


def _span(low: float, high: float) -> str:
    """Return a range; that of all numbers of 16 bits has one step more below zero."""
    if abs(low + high) <= abs(high) * 2e-4:
        return f"\u00b1{high:.4g}"
    return f"{low:.4g} to {high:.4g}"


def _percent(share: float | None) -> str:
    if share is None:
        return NO_VALUE
    return with_unit(digits(100 * share, 1) if share else "0", "%")


def _role(row: CheckedChannel) -> tuple[str, ...]:
    channel = row.channel
    site = site_in_words(str(channel.site)) if channel.site else ""
    if channel.role not in site.split():
        site = ", ".join(filter(None, (channel.role, site)))
    return (
        channel.label,
        site or NO_VALUE,
        channel.rule,
        _usable_for(row),
    )


def _usable_for(row: CheckedChannel) -> str:
    used = [use.analysis for use in row.uses if use.usable]
    if used:
        return ", ".join(used)
    own = {"leg": "legs", "arm": "arms"}.get(row.channel.role, row.channel.role)
    why_not = [use for use in row.uses if use.analysis == own and use.reason]
    return _reason(why_not[0]) if why_not else row.channel.reason or NO_VALUE


def _reason(use: Use) -> str:
    return f"not for {use.analysis}: {use.reason}"


def _findings(file: CheckedFile) -> Section:
    ranked = sorted(file.findings, key=lambda row: SEVERITIES.index(row.finding.severity))
    rows = tuple(
        (
            row.finding.severity,
            row.finding.where,
            _advised(row),
            row.finding.code,
        )
        for row in ranked
    )
    part: Part = Remarks(rows=rows) if rows else Notes(lines=("Nothing odd was found.",))
    return Section(key="findings", title="Findings", parts=(part,))


def _advised(row: CheckedFinding) -> str:
    """Return what was found, then what to do about it."""
    message = row.finding.message
    return f"{message.removesuffix('.')}. {row.advice}" if row.advice else message
