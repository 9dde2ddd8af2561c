"""Content of the page about one night, in the order a technologist reads it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from psgkit._version import __version__
from psgkit.core.finding import Finding
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Segment
from psgkit.core.reviewed import Reviewed
from psgkit.core.sleeper import Sleeper
from psgkit.document.outside_text import bare_name
from psgkit.document.values import finite
from psgkit.report.marked_numbers import in_words, index_key
from psgkit.report.night.answer import answer_sections, folded
from psgkit.report.night.cautions import caution_mark, cautions_of
from psgkit.report.night.course import course_sections
from psgkit.report.night.index_sections import (
    group_section,
    is_about_movements,
    is_measured,
    reasons_of,
    unmeasured_section,
)
from psgkit.report.night.norms import norm_line
from psgkit.report.night.profile import profile_section
from psgkit.report.night.sensitivity import sensitivity_section
from psgkit.report.night.sensors import rejected_section, rhythm_section, turn_section
from psgkit.report.night.summary import review_in_words
from psgkit.report.page_model import Facts, Notes, Page, Part, Remarks, Section, Simulated, Table
from psgkit.report.words.language import Words, _, in_context, marked, plural
from psgkit.report.words.messages import translated
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
from psgkit.report.words.words import (
    ROLE_NAMES,
    SEVERITY_NAMES,
    STATUS_NAMES,
    capitalised,
    disclaimer,
    listed,
    site_in_words,
    word_of,
)

_SEXES = Words(
    {
        "female": marked("female", "sex"),
        "male": marked("male", "sex"),
        "other": marked("other", "sex"),
    }
)
_HEADLINE = {
    ("legs", "plms_index"): marked("PLMS index"),
    ("legs", "plms_arousal_index"): marked("PLMS index, with arousal"),
    ("legs", "periodicity_index_ferri"): marked("Periodicity of leg movements"),
    ("sleep", "se_pct"): marked("Sleep efficiency"),
    ("arms", "plms_index"): marked("Arms, periodic in sleep"),
    ("trunk", "plms_index"): marked("Trunk, periodic in sleep"),
    ("akathisia", "rhythm_rest_share"): marked("Rhythmic share of waking rest"),
    ("disruption", "arousal_index"): marked("Arousal index"),
    ("sleep", "tst_min"): marked("Total sleep time"),
    ("legs", "plmw_index"): marked("PLMW index"),
    ("legs", "plm_index_recording"): marked("PLM per hour recorded"),
    ("legs", "lm_index_recording"): marked("LM per hour recorded"),
    ("legs", "plm_n"): marked("PLM of the legs"),
    ("arms", "plm_n"): marked("PLM of the arms"),
    ("trunk", "plm_n"): marked("PLM of the trunk"),
}
"""Label of each index of the headline, in its order; the first five that are known are shown."""
_HEADLINE_SIZE = 5
_ONLY_IF_THERE = ("arms", "trunk")
"""Groups without which another figure says more, where nothing of them moved."""
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
        *course_sections(report),
        *filter(None, (rhythm_section(report), rejected_section(report), turn_section(report))),
        *((unmeasured_section(others, report),) if others else ()),
        finding_section(report.findings),
        profile_section(report),
    )
    asked = filter(None, (sensitivity_section(report),))
    sections = (*answer_sections(report.profile), *asked, *folded(sections))
    headline = _headline(report)
    return Page(
        title=_("Night report"),
        subtitle=file_and_review(report.source, report.reviewed),
        banners=simulated_banners(report.findings),
        cautions=cautions_of(report),
        headline=tuple((label, value) for _place, label, value in headline),
        norms=tuple(norm_line(report, *place) for place, _label, _value in headline),
        sections=sections,
        disclaimer=disclaimer(__version__),
    )


def file_and_review(source: str, reviewed: Reviewed | None) -> str:
    """Return the file, and who reviewed its scoring."""
    name = bare_name(source)
    return name if reviewed is None else f"{name}; {review_in_words(reviewed)}"


def _group_sections(groups: list[str], report: NightReport) -> Iterator[Section]:
    """Yield the sections of groups; a reason that several share is written once."""
    said: set[str] = set()
    for group in groups:
        yield group_section(group, report, frozenset(said))
        if is_about_movements(report.indices[group]):
            said |= reasons_of(group, report)


def _in_reading_order(report: NightReport) -> list[str]:
    """Return the groups in order: sleep, movements, then what these may disturb."""
    apart = (*_BEFORE_OTHERS, *_AFTER_OTHERS)
    others = [group for group in report.indices if group not in apart]
    ordered = (*_BEFORE_OTHERS, *others, *_AFTER_OTHERS)
    return [group for group in ordered if group in report.indices]


def simulated_banners(findings: Sequence[Finding]) -> tuple[Simulated, ...]:
    """Return the banners that no person was recorded."""
    return tuple(
        Simulated(_("Simulated: {message}", message=translated(one.message)))
        for one in findings
        if one.says_simulated
    )


def grave_banners(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the banners: a simulation, and findings that affect the result."""
    found = grave_counts(Counter(str(finding.severity) for finding in findings))
    warned = [_("{found} below, see Findings.", found=_(" and ").join(found))] if found else []
    return (*simulated_banners(findings), *warned)


def grave_counts(counts: Mapping[str, int]) -> list[str]:
    """Return the numbers of errors and warnings in words; empty for none.

    Examples
    --------
    >>> grave_counts({"warning": 2, "info": 5})
    ['2 warnings']
    """
    errors, warnings = counts.get("error", 0), counts.get("warning", 0)
    words = (
        plural("{n} error", "{n} errors", errors) if errors else "",
        plural("{n} warning", "{n} warnings", warnings) if warnings else "",
    )
    return [word for word in words if word]


def _headline(report: NightReport) -> tuple[tuple[tuple[str, str], str, str], ...]:
    """Return group and name, label and value of the main figures that could be computed."""
    found = []
    for (group, name), label in _HEADLINE.items():
        index = report.indices.get(group, {}).get(name)
        value = None if index is None else finite(index).value
        if index is None or value is None or (group in _ONLY_IF_THERE and not value):
            continue
        mark = caution_mark(report, group, name)
        shown = in_words(index, index_key(group, name))
        found.append(((group, name), f"{_(label)}{mark}", shown))
    return tuple(found[:_HEADLINE_SIZE])


def _recording(report: NightReport) -> Section:
    """Return the section on the recording: file, times, and rules of scoring."""
    facts = (
        *recording_facts(report),
        *rule_facts(report.settings),
        (_("SHA-256"), report.sha256 or _("not computed")),
    )
    parts: tuple[Part, ...] = (Facts(rows=facts),)
    if len(report.segments) > 1:
        parts = (*parts, segment_rows(report.segments, report.start))
    return Section(key="recording", title=_("Recording"), parts=parts)


def recording_facts(report: NightReport) -> tuple[tuple[str, str], ...]:
    """Return file, times and hypnogram of a night, each with its label."""
    lights = report.lights
    ends = (
        (_("Lights off"), lights.off_s, lights.off_source),
        (_("Lights on"), lights.on_s, lights.on_source),
    )
    return (
        (_("File"), bare_name(report.source)),
        (_("Start"), date_and_time(report.start)),
        (_("Duration"), _duration(report)),
        *(
            (
                label,
                _("{at}, from {source}", at=_moment(report, at_s), source=lights_source(source)),
            )
            for label, at_s, source in ends
        ),
        (_("Lights off to on"), hours_minutes(max(0.0, lights.on_s - lights.off_s))),
        (_("Hypnogram"), _epochs(report)),
        *_person(report.person),
    )


def _moment(report: NightReport, seconds: float) -> str:
    """Return a time by the clock and from the start of the recording."""
    since = _("{elapsed} after the start", elapsed=elapsed(seconds))
    return since if report.start is None else f"{clock(report.start, seconds)} ({since})"


def _duration(report: NightReport) -> str:
    """Return the duration of the recording, and how much of it is missing."""
    if len(report.segments) <= 1:
        return hours_minutes(report.duration_s)
    recorded_s = sum(segment.duration_s for segment in report.segments)
    return _(
        "{duration} in {n} stretches, {recorded} of it recorded",
        duration=hours_minutes(report.duration_s),
        n=digits(len(report.segments), 0),
        recorded=hours_minutes(recorded_s),
    )


def _epochs(report: NightReport) -> str:
    hypnogram = report.hypnogram
    if hypnogram is None:
        return _("none")
    unscored = int((hypnogram.stages == "UNSCORED").sum())
    apart = _(", {n} of them unscored", n=digits(unscored, 0)) if unscored else ""
    length = with_unit(short_number(hypnogram.epoch_s), "s")
    epochs = _("{n} epochs of {length}", n=digits(len(hypnogram), 0), length=length) + apart
    return f"{epochs}; {translated(hypnogram.stages_from)}" if hypnogram.estimated_by else epochs


def _person(person: Sleeper) -> tuple[tuple[str, str], ...]:
    """Return age and sex with where each is known from; nothing if neither is."""
    known = (
        (
            _("Age"),
            None if person.age_years is None else short_number(person.age_years),
            person.age_from,
        ),
        (_("Sex"), None if person.sex is None else _SEXES[person.sex], person.sex_from),
    )
    return tuple(
        (label, _("{value}, from {source}", value=value, source=translated(source)))
        if source
        else (label, value)
        for label, value, source in known
        if value is not None
    )


def channel_section(channels: Sequence[Channel]) -> Section:
    """Return the section on channels: those with a role in a table, the others by name."""
    shown = [channel for channel in channels if channel.status != "ignored"]
    ignored = [channel.label for channel in channels if channel.status == "ignored"]
    parts: list[Part] = []
    if shown:
        head = (
            _("Channel"),
            _("Used as"),
            in_context("sampling", "Rate"),
            _("Status"),
            _("Decided by"),
        )
        parts.append(Table(head=head, rows=tuple(map(_channel_row, shown)), n_text=len(head)))
    else:
        parts.append(Notes(lines=(_("No channel was scored."),)))
    if ignored:
        parts.append(Notes(lines=(_("Not analysed: {labels}.", labels=listed(ignored)),)))
    return Section(key="channels", title=_("Channels"), parts=tuple(parts))


def _channel_row(channel: Channel) -> tuple[str, ...]:
    decided = "; ".join(map(translated, filter(None, (channel.rule, channel.reason))))
    rate = with_unit(short_number(channel.rate_hz), "Hz")
    unit = unit_in_words(channel.unit)
    return (
        channel.label,
        used_as(channel) or NO_VALUE,
        listed([rate, unit]) if unit else rate,
        STATUS_NAMES[channel.status],
        decided,
    )


def used_as(channel: Channel) -> str:
    """Return role and place of a channel in words, the place alone if it implies the role."""
    place = site_in_words(str(channel.site)) if channel.site else ""
    role = capitalised(word_of(ROLE_NAMES, channel.role))
    is_said = channel.role in str(channel.site).split("_")
    return place if place and is_said else listed([word for word in (role, place) if word])


def finding_section(findings: Sequence[Finding]) -> Section:
    """Return the findings, gravest first."""
    severities = list(SEVERITY_NAMES)
    ranked = sorted(findings, key=lambda finding: severities.index(finding.severity))
    rows = tuple((f.severity, translated(f.where), translated(f.message), f.code) for f in ranked)
    part = Remarks(rows=rows) if rows else Notes(lines=(_("No problem was found."),))
    return Section(key="findings", title=_("Findings"), parts=(part,))


_LIGHTS_SOURCES = Words(
    {
        "scored event": marked("scored event"),
        "start of the recording": marked("start of the recording"),
        "end of the recording": marked("end of the recording"),
        "option": marked("option"),
    }
)
"""Where lights off and on are known from; other sources are shown as they are."""


def lights_source(source: str) -> str:
    """Return the source of a time of lights in words."""
    return _LIGHTS_SOURCES.get(source, source)


_SHOWN_AT_MOST = 40


def segment_rows(segments: Sequence[Segment], start: datetime | None) -> Table:
    """Return one line for each segment: start, end, duration, and the gap before it.

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
        title=_("Segments"),
        head=("", _("From"), _("To"), _("Recorded"), _("Gap before")),
        rows=tuple(rows),
        foot=_("{n} more segments are not shown.", n=digits(hidden, 0)) if hidden else "",
    )
