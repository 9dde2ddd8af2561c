"""What a page about one night says, in the order a technologist reads it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from psgkit._version import __version__
from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Segment
from psgkit.document.outside_text import bare_name
from psgkit.document.values import finite
from psgkit.report.marked_numbers import in_words, index_key
from psgkit.report.night.index_sections import (
    group_section,
    is_about_movements,
    is_measured,
    reasons_of,
    unmeasured_section,
)
from psgkit.report.night.profile import profile_section
from psgkit.report.night.sensors import rhythm_section, turn_section
from psgkit.report.page_model import Facts, Notes, Page, Part, Remarks, Section, Simulated, Table
from psgkit.report.words.number_format import (
    NO_VALUE,
    clock,
    date_and_time,
    digits,
    elapsed,
    hours_minutes,
    short_number,
    unit_in_words,
    with_unit,
)
from psgkit.report.words.rule_words import rule_facts
from psgkit.report.words.texts import has_text, text
from psgkit.report.words.words import (
    SEVERITIES,
    capitalised,
    counted,
    disclaimer,
    listed,
    site_in_words,
    word_of,
)

_HEADLINE = (
    ("sleep", "tst_min"),
    ("sleep", "se_pct"),
    ("disruption", "arousal_index"),
    ("legs", "plms_index"),
    ("legs", "plmsnr_index"),
    ("legs", "plmw_index"),
    ("arms", "plms_index"),
    ("trunk", "plms_index"),
    ("legs", "plm_index_recording"),
    ("legs", "lm_index_recording"),
    ("legs", "plm_n"),
    ("arms", "plm_n"),
    ("trunk", "plm_n"),
)
_HEADLINE_SIZE = 8
_BEFORE_OTHERS = ("sleep", "legs", "arms", "trunk")
_AFTER_OTHERS = ("disruption",)
_CHANNEL_COLUMNS = ("label", "used_as", "rate", "status", "decided_by")
_ALWAYS = ("sleep", "legs", "disruption")
"""Groups with a section of their own even when nothing of them was measured."""


def page_about(report: NightReport) -> Page:
    """Return the page about one night."""
    named = [name for name in _in_reading_order(report) if report.indices[name]]
    groups = [name for name in named if name in _ALWAYS or is_measured(report.indices[name])]
    others = [name for name in named if name not in groups]
    sections = (
        _recording(report),
        channel_section(report.channels),
        *_group_sections(groups, report),
        *filter(None, (rhythm_section(report), turn_section(report))),
        *((unmeasured_section(others, report),) if others else ()),
        finding_section(report.findings),
        profile_section(report),
    )
    return Page(
        title=text("report.title"),
        subtitle=bare_name(report.source),
        banners=grave_banners(report.findings),
        headline=_headline(report),
        sections=sections,
        disclaimer=disclaimer(__version__),
    )


def _group_sections(groups: list[str], report: NightReport) -> Iterator[Section]:
    """Yield the groups; a reason that many of one kind share is spelt out once."""
    said: set[str] = set()
    for group in groups:
        yield group_section(group, report, frozenset(said))
        if is_about_movements(report.indices[group]):
            said |= reasons_of(group, report)


def _in_reading_order(report: NightReport) -> list[str]:
    """Return the groups: sleep, then movements, then what they may disturb."""
    apart = (*_BEFORE_OTHERS, *_AFTER_OTHERS)
    others = [group for group in report.indices if group not in apart]
    ordered = (*_BEFORE_OTHERS, *others, *_AFTER_OTHERS)
    return [group for group in ordered if group in report.indices]


def grave_banners(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what must not be missed: a simulation, and findings that affect the result."""
    simulated = [
        Simulated(text("banner.simulated", message=one.message))
        for one in findings
        if one.says_simulated
    ]
    grave = {
        severity: sum(finding.severity == severity for finding in findings)
        for severity in ("error", "warning")
    }
    found = [counted(f"banner.{severity}", n) for severity, n in grave.items() if n]
    warned = [text("banner.findings", found=text("banner.and").join(found))] if found else []
    return (*simulated, *warned)


def _headline(report: NightReport) -> tuple[tuple[str, str], ...]:
    """Return the figures that matter most, of those that could be computed."""
    found = []
    for group, name in _HEADLINE:
        index = report.indices.get(group, {}).get(name)
        if index is not None and finite(index).value is not None:
            label = text(f"headline.{group}_{name}")
            found.append((label, in_words(index, index_key(group, name))))
    return tuple(found[:_HEADLINE_SIZE])


def _recording(report: NightReport) -> Section:
    """Return what was recorded, when, and by which rules it was scored."""
    lights = report.lights
    ends = (("off", lights.off_s, lights.off_source), ("on", lights.on_s, lights.on_source))
    facts = (
        (text("recording.file"), bare_name(report.source)),
        (text("recording.start"), date_and_time(report.start)),
        (text("recording.duration"), _duration(report)),
        *(
            (
                text(f"recording.lights_{end}"),
                text("recording.moment", at=_moment(report, at_s), source=lights_source(source)),
            )
            for end, at_s, source in ends
        ),
        (text("recording.between"), hours_minutes(max(0.0, lights.on_s - lights.off_s))),
        (text("recording.hypnogram"), _epochs(report)),
        *rule_facts(report.settings),
        (text("recording.sha256"), report.sha256 or text("recording.no_sha256")),
    )
    parts: tuple[Part, ...] = (Facts(rows=facts),)
    if len(report.segments) > 1:
        parts = (*parts, segment_rows(report.segments, report.start))
    return Section(key="recording", title=text("recording.title"), parts=parts)


def _moment(report: NightReport, seconds: float) -> str:
    """Return a time by the clock and from the start of the recording."""
    since = text("recording.since", elapsed=elapsed(seconds))
    return since if report.start is None else f"{clock(report.start, seconds)} ({since})"


def _duration(report: NightReport) -> str:
    """Return how long the recording lasts, and how much of it is missing."""
    if len(report.segments) <= 1:
        return hours_minutes(report.duration_s)
    recorded_s = sum(segment.duration_s for segment in report.segments)
    return text(
        "recording.in_stretches",
        duration=hours_minutes(report.duration_s),
        n=digits(len(report.segments), 0),
        recorded=hours_minutes(recorded_s),
    )


def _epochs(report: NightReport) -> str:
    """Return what the hypnogram is made of."""
    hypnogram = report.hypnogram
    if hypnogram is None:
        return text("recording.no_hypnogram")
    unscored = int((hypnogram.stages == "UNSCORED").sum())
    apart = text("recording.unscored", n=digits(unscored, 0)) if unscored else ""
    length = with_unit(short_number(hypnogram.epoch_s), "s")
    return text("recording.epochs", n=digits(len(hypnogram), 0), length=length) + apart


def channel_section(channels: Sequence[Channel]) -> Section:
    """Return the channels that matter, and the names of those that do not."""
    shown = [channel for channel in channels if channel.status != "ignored"]
    ignored = [channel.label for channel in channels if channel.status == "ignored"]
    parts: list[Part] = []
    if shown:
        head = tuple(text(f"channels.{name}") for name in _CHANNEL_COLUMNS)
        parts.append(Table(head=head, rows=tuple(map(_channel_row, shown)), n_text=len(head)))
    else:
        parts.append(Notes(lines=(text("channels.none"),)))
    if ignored:
        parts.append(Notes(lines=(text("channels.ignored", labels=listed(ignored)),)))
    return Section(key="channels", title=text("channels.title"), parts=tuple(parts))


def _channel_row(channel: Channel) -> tuple[str, ...]:
    """Return one line about a channel."""
    decided = "; ".join(told for told in (channel.rule, channel.reason) if told)
    rate = with_unit(short_number(channel.rate_hz), "Hz")
    unit = unit_in_words(channel.unit)
    return (
        channel.label,
        used_as(channel) or NO_VALUE,
        listed([rate, unit]) if unit else rate,
        text(f"status.{channel.status}"),
        decided,
    )


def used_as(channel: Channel) -> str:
    """Return role and place of a channel in words, the place alone if it says the role."""
    place = site_in_words(str(channel.site)) if channel.site else ""
    role = capitalised(word_of("role", channel.role))
    is_said = channel.role in str(channel.site).split("_")
    return place if place and is_said else listed([word for word in (role, place) if word])


def finding_section(findings: Sequence[Finding]) -> Section:
    """Return the findings, gravest first."""
    ranked = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    rows = tuple((f.severity, f.where, f.message, f.code) for f in ranked)
    part = Remarks(rows=rows) if rows else Notes(lines=(text("findings.none"),))
    return Section(key="findings", title=text("findings.title"), parts=(part,))


def lights_source(source: str) -> str:
    """Return where a time of lights is known from, in words."""
    key = f"lights_source.{source}"
    return text(key) if has_text(key) else source


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
