"""What a page about one night says, in the order a technologist reads it."""

from collections.abc import Iterator, Sequence

from psgkit import __version__
from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel
from psgkit.report.index_parts import (
    group_section,
    is_about_movements,
    is_measured,
    reasons_of,
    unmeasured_section,
)
from psgkit.report.marked import in_words, index_key
from psgkit.report.numbers import finite
from psgkit.report.outside_text import bare_name
from psgkit.report.parts import Facts, Notes, Page, Part, Remarks, Section, Table
from psgkit.report.profile_section import profile_section
from psgkit.report.rule_words import rule_facts
from psgkit.report.segments import segment_rows
from psgkit.report.sensor_sections import rhythm_section, turn_section
from psgkit.report.words import (
    DISCLAIMER,
    NO_VALUE,
    NOT_STATED,
    SEVERITIES,
    TITLE,
    clock,
    elapsed,
    hours_minutes,
    name_in_words,
    short_number,
    site_in_words,
    unit_in_words,
)

_HEADLINE = (
    ("sleep", "tst_min", "Total sleep time"),
    ("sleep", "se_pct", "Sleep efficiency"),
    ("disruption", "arousal_index", "Arousal index"),
    ("legs", "plms_index", "PLMS index"),
    ("legs", "plmsnr_index", "PLMSnr index"),
    ("legs", "plmw_index", "PLMW index"),
    ("arms", "plms_index", "Arms, periodic in sleep"),
    ("trunk", "plms_index", "Trunk, periodic in sleep"),
    ("legs", "plm_index_recording", "PLM per hour recorded"),
    ("legs", "lm_index_recording", "LM per hour recorded"),
    ("legs", "plm_n", "PLM of the legs"),
    ("arms", "plm_n", "PLM of the arms"),
    ("trunk", "plm_n", "PLM of the trunk"),
)
_HEADLINE_SIZE = 8
_BEFORE_OTHERS = ("sleep", "legs", "arms", "trunk")
_AFTER_OTHERS = ("disruption",)
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
        title=TITLE,
        subtitle=bare_name(report.source),
        banners=grave_banners(report.findings),
        headline=_headline(report),
        sections=sections,
        disclaimer=f"{DISCLAIMER} psgkit {__version__}.",
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
    simulated = [f"Simulated: {f.message}" for f in findings if "simulat" in f.code.lower()]
    grave = {
        severity: sum(finding.severity == severity for finding in findings)
        for severity in ("error", "warning")
    }
    counted = [f"{n} {severity}{'s' * (n != 1)}" for severity, n in grave.items() if n]
    warned = [f"{' and '.join(counted)} below, see Findings."] if counted else []
    return (*simulated, *warned)


def _headline(report: NightReport) -> tuple[tuple[str, str], ...]:
    """Return the figures that matter most, of those that could be computed."""
    found = []
    for group, name, label in _HEADLINE:
        index = report.indices.get(group, {}).get(name)
        if index is not None and finite(index).value is not None:
            found.append((label, in_words(index, index_key(group, name))))
    return tuple(found[:_HEADLINE_SIZE])


def _recording(report: NightReport) -> Section:
    """Return what was recorded, when, and by which rules it was scored."""
    start = report.start.strftime("%Y-%m-%d %H:%M:%S") if report.start else NOT_STATED
    lights = report.lights
    facts = (
        ("File", bare_name(report.source)),
        ("Start", start),
        ("Duration", _duration(report)),
        ("Lights off", f"{_moment(report, lights.off_s)}, from {lights.off_source}"),
        ("Lights on", f"{_moment(report, lights.on_s)}, from {lights.on_source}"),
        ("Between them", hours_minutes(max(0.0, lights.on_s - lights.off_s))),
        ("Hypnogram", _epochs(report)),
        *rule_facts(report.settings),
        ("SHA-256", report.sha256 or "not computed"),
    )
    parts: tuple[Part, ...] = (Facts(rows=facts),)
    if len(report.segments) > 1:
        parts = (*parts, segment_rows(report.segments, report.start))
    return Section(key="recording", title="Recording", parts=parts)


def _moment(report: NightReport, seconds: float) -> str:
    """Return a time by the clock and from the start of the recording."""
    since = f"{elapsed(seconds)} after the start"
    return since if report.start is None else f"{clock(report.start, seconds)} ({since})"


def _duration(report: NightReport) -> str:
    """Return how long the recording lasts, and how much of it is missing."""
    if len(report.segments) <= 1:
        return hours_minutes(report.duration_s)
    recorded_s = sum(segment.duration_s for segment in report.segments)
    return (
        f"{hours_minutes(report.duration_s)} in {len(report.segments)} stretches, "
        f"{hours_minutes(recorded_s)} of it recorded"
    )


def _epochs(report: NightReport) -> str:
    """Return what the hypnogram is made of."""
    hypnogram = report.hypnogram
    if hypnogram is None:
        return "none"
    unscored = int((hypnogram.stages == "UNSCORED").sum())
    apart = f", {unscored} of them unscored" if unscored else ""
    return f"{len(hypnogram)} epochs of {short_number(hypnogram.epoch_s)} s{apart}"


def channel_section(channels: Sequence[Channel]) -> Section:
    """Return the channels that matter, and the names of those that do not."""
    shown = [channel for channel in channels if channel.status != "ignored"]
    ignored = [channel.label for channel in channels if channel.status == "ignored"]
    parts: list[Part] = []
    if shown:
        head = ("Channel", "Used as", "Rate", "Status", "Decided by")
        parts.append(Table(head=head, rows=tuple(map(_channel_row, shown)), n_text=len(head)))
    else:
        parts.append(Notes(lines=("No channel was scored.",)))
    if ignored:
        parts.append(Notes(lines=(f"Not looked at: {', '.join(ignored)}.",)))
    return Section(key="channels", title="Channels", parts=tuple(parts))


def _channel_row(channel: Channel) -> tuple[str, ...]:
    """Return one line about a channel."""
    place = site_in_words(str(channel.site)) if channel.site else ""
    role = name_in_words(channel.role)
    used_as = role if not place else place if channel.role in place.split() else f"{role}, {place}"
    decided = "; ".join(text for text in (channel.rule, channel.reason) if text)
    unit = f", {unit_in_words(channel.unit)}" if channel.unit else ""
    rate = f"{short_number(channel.rate_hz)} Hz{unit}"
    return (channel.label, used_as or NO_VALUE, rate, channel.status, decided)


def finding_section(findings: Sequence[Finding]) -> Section:
    """Return the findings, gravest first."""
    ranked = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    rows = tuple((f.severity, f.where, f.message, f.code) for f in ranked)
    part = Remarks(rows=rows) if rows else Notes(lines=("Nothing odd was found.",))
    return Section(key="findings", title="Findings", parts=(part,))
