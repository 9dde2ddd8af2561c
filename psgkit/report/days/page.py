"""Content of the page about days, for terminal and browser."""

from collections.abc import Iterator

from psgkit.core.days.days_report import DaysReport
from psgkit.core.index import Index
from psgkit.core.index_catalogue import base_of
from psgkit.core.index_catalogue.entry import RATE
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.document.outside_text import bare_name
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.days.tables import day_section, night_section
from psgkit.report.days.words import days_cell, days_value
from psgkit.report.marked_numbers import index_key, rate_numbers
from psgkit.report.night.answer import answer_sections, folded
from psgkit.report.night.content import finding_section, grave_banners
from psgkit.report.night.index_sections import missing_lines
from psgkit.report.night.profile import section_of_profile
from psgkit.report.page_model import Facts, Notes, Page, Part, Section, Table
from psgkit.report.symptoms import symptom_sections
from psgkit.report.words.language import Words, _, in_context, marked
from psgkit.report.words.number_format import (
    NO_VALUE,
    digits,
    hours_minutes,
    short_number,
    unit_in_words,
    with_unit,
)
from psgkit.report.words.words import (
    disclaimer,
    group_note,
    group_title,
    index_label,
    site_in_words,
    word_of,
)

_RHYTHM = (
    *("interdaily_stability", "intradaily_variability", "relative_amplitude"),
    *("l5", "l5_start_h", "m10", "m10_start_h", "sleep_regularity_index", "kra", "kar"),
    *("mesor", "amplitude", "amplitude_low", "amplitude_high"),
    *("acrophase_h", "acrophase_low_h", "acrophase_high_h", "cosinor_r2"),
)
_GROUP, _SLEEP = "rest_activity", "sleep_estimated"
_HEADLINE = (
    *("interdaily_stability", "intradaily_variability", "relative_amplitude"),
    *("l5_start_h", "m10_start_h", "day_night_ratio"),
)
_LEFT_OUT_KINDS = Words(
    {
        "gap": marked("gap"),
        "non_wear": marked("not worn"),
        "saturated": marked("saturated"),
        "artefact": marked("artefact"),
    }
)


def page_about_days(report: DaysReport) -> Page:
    """Return the page about days."""
    return Page(
        title=_("Days and nights"),
        subtitle=bare_name(report.source),
        banners=(
            *grave_banners(report.findings),
            _about_sleep(report),
            *([_implausible_sleep()] if report.implausible_sleep else ()),
            *([_scale_unknown()] if report.count_scale_unknown else ()),
        ),
        headline=tuple(_headline(report)),
        sections=(
            *answer_sections(report.profile),
            night_section(report),
            day_section(report),
            *symptom_sections(report.symptoms, report.profile),
            *folded(
                (
                    _recording(report),
                    _rhythm(report),
                    _rest(report),
                    *_over_nights(report),
                    _akathisia(report),
                    finding_section(report.findings),
                    section_of_profile(report.profile),
                )
            ),
        ),
        disclaimer=f"{STATEMENT} {disclaimer(report.version)}",
    )


def _about_sleep(report: DaysReport) -> str:
    if report.sleep is None:
        return _("Sleep and wake are not known; see Findings.")
    return _(
        "Sleep in this report is {label}. It is no polysomnography, and what rests on it is "
        "an estimate.",
        label=report.sleep_label,
    )


def _implausible_sleep() -> str:
    return _(
        "Far more or far less sleep is estimated than a day holds: no figure of sleep can be "
        "relied on, see Findings."
    )


def _scale_unknown() -> str:
    return _(
        "The unit of the counts is not known, so sleep may be far off: see Findings, and "
        "--count-scale."
    )


def _headline(report: DaysReport) -> Iterator[tuple[str, str]]:
    found = [night for night in report.nights if night.window.span_s is not None]
    yield _("Nights with a window"), _("{n} of {of}", n=len(found), of=len(report.nights))
    tst = report.indices.get(_SLEEP, {}).get("tst_min_mean")
    if tst is not None and tst.value is not None:
        yield _("Sleep a night, mean (estimated)"), days_value(tst, _SLEEP)
    for name in _HEADLINE:
        index = report.indices[_GROUP].get(name)
        if index is not None and index.value is not None:
            yield index_label(name, _GROUP), days_value(index, _GROUP)


def _rate_or_epoch(rate_hz: float) -> str:
    if rate_hz >= 1:
        return with_unit(short_number(rate_hz), "Hz")
    return with_unit(short_number(1 / rate_hz), "s")


def _recording(report: DaysReport) -> Section:
    sensors = tuple(
        (
            site_in_words(str(sensor["place"])),
            str(sensor["what"]),
            ", ".join(sensor["labels"]),
            _rate_or_epoch(float(sensor["rate_hz"])),
        )
        for sensor in report.sensors
    )
    facts = (
        (_("File"), bare_name(report.source)),
        (_("Start"), f"{report.clock.start:%Y-%m-%d %H:%M:%S}"),
        (_("Time zone"), report.clock.zone or _("not stated: days are taken as 24 h")),
        *_correction(report),
        (_("Duration"), hours_minutes(report.duration_s)),
        (_("Device"), report.device or _("not stated")),
        (_("Rhythm and sleep from"), site_in_words(report.activity_of)),
        (_("Sleep"), report.sleep_label or _("Sleep and wake are not known; see Findings.")),
        (_("SHA-256"), report.sha256 or _("not computed")),
    )
    head = (_("Place"), _("What"), _("Channels"), _("Rate or epoch"))
    parts: list[Part] = [
        Facts(rows=facts),
        Table(title=_("Sensors"), head=head, rows=sensors, n_text=3),
    ]
    if any(one.share for one in report.left_out):
        parts.append(_left_out(report))
    return Section(key="recording", title=_("Recording"), parts=tuple(parts))


def _correction(report: DaysReport) -> Iterator[tuple[str, str]]:
    """Yield how the clock of the device was corrected, if it was."""
    fit = report.clock.fit
    if fit is not None:
        n = digits(len(fit.residual_s), 0)
        offset, drift = digits(fit.offset_s, 1), digits(fit.drift_ppm, 1)
        yield (
            _("Clock of the device"),
            _(
                "corrected by {offset} s at the start and {ppm} ppm, from {n} common events",
                offset=offset,
                ppm=drift,
                n=n,
            ),
        )


def _left_out(report: DaysReport) -> Table:
    rows = tuple(
        (
            site_in_words(one.place),
            word_of(_LEFT_OUT_KINDS, one.kind),
            one.rule,
            digits(100 * one.share, 1),
        )
        for one in report.left_out
        if one.share
    )
    return Table(
        title=_("Left out"),
        head=(_("Place"), _("Why"), _("By which rule"), _("Share, %")),
        rows=rows,
        n_text=3,
        foot=_(
            "What was left out was not replaced. Shares are of the whole recording; "
            "kinds may overlap."
        ),
    )


def _rhythm(report: DaysReport) -> Section:
    indices = {name: report.indices[_GROUP][name] for name in _RHYTHM}
    rows = tuple(
        (
            index_label(name, _GROUP),
            days_value(index, _GROUP),
            NO_VALUE if index.denominator_h is None else digits(index.denominator_h, 1),
        )
        for name, index in indices.items()
        if index.value is not None
    )
    head = (_("Index"), _("Value"), _("Valid hours"))
    parts: list[Part] = [Table(head=head, rows=rows, n_text=1)] if rows else []
    return Section(
        key="rhythm",
        title=_("Rhythm of rest and activity"),
        note=_(
            "Each index states its valid hours; days on which clocks change have 23 or 25 hours."
        ),
        parts=(*parts, *_missing(indices, _GROUP)),
    )


def _rest(report: DaysReport) -> Section:
    indices = {n: one for n, one in report.indices[_GROUP].items() if n not in _RHYTHM}
    there = {name: one for name, one in indices.items() if one.value is not None}
    rates = tuple(
        (index_label(name, _GROUP), *rate_numbers(one, index_key(_GROUP, name)))
        for name, one in there.items()
        if one.unit == RATE.unit
    )
    facts = tuple(
        (index_label(name, _GROUP), days_value(one, _GROUP))
        for name, one in there.items()
        if one.unit != RATE.unit
    )
    parts: list[Part] = []
    if rates:
        head = (in_context("per hour", "Rate"), _("per hour"), _("number"), _("hours"))
        parts.append(Table(head=head, rows=rates))
    if facts:
        parts.append(Facts(rows=facts))
    return Section(
        key="rest",
        title=_("Movements and rhythmic trains at rest"),
        note=_(
            "Per hour of rest in which an ankle was seen: awake without walking, turns and "
            "changes of position, or in the window of the night. No limit is published. "
            "Seated: trunk up, neither walking nor lying; standing still looks the same."
        ),
        parts=(*parts, *_missing(indices, _GROUP)),
    )


def _missing(indices: dict[str, Index], group: str) -> tuple[Part, ...]:
    lines = missing_lines(indices, lambda name: index_label(name, group))
    return (Notes(lines=lines),) if lines else ()


def _over_nights(report: DaysReport) -> Iterator[Section]:
    """Yield mean and SD over the nights of each group that has any."""
    parts: list[Part] = []
    for group, indices in report.indices.items():
        rows = tuple(
            (
                f"{index_label(base_of(name)[0], group)} {_unit(index)}".rstrip(),
                days_cell(index, group),
                _spread(indices[f"{base_of(name)[0]}_sd"], group),
                digits(index.numerator or 0.0, 0),
            )
            for name, index in indices.items()
            if base_of(name)[1] == "_mean" and index.value is not None
        )
        if rows:
            head = ("", _("Mean"), _("SD"), _("Nights"))
            note = group_note(group) if group.startswith(GROUP_PREFIX) else ""
            parts.append(Table(title=group_title(group), head=head, rows=rows, foot=note))
    if parts:
        yield Section(
            key="over-nights",
            title=_("Over the nights"),
            note=_("Mean and standard deviation over the nights that have a value."),
            parts=tuple(parts),
        )


def _spread(sd: Index, group: str) -> str:
    """Return a standard deviation; that of clock times with its unit, which their column lacks."""
    with_its_unit = sd.unit == "h" and sd.value is not None
    return days_value(sd, group) if with_its_unit else days_cell(sd, group)


def _unit(index: Index) -> str:
    unit = unit_in_words(index.unit)
    return f"({unit})" if unit and index.unit != "h" else ""


def _akathisia(report: DaysReport) -> Section:
    indices = dict(report.indices["akathisia"])
    facts = tuple(
        (index_label(name, "akathisia"), days_value(one, "akathisia"))
        for name, one in indices.items()
        if one.value is not None
    )
    parts: tuple[Part, ...] = (Facts(rows=facts),) if facts else ()
    return Section(
        key="akathisia",
        title=group_title("akathisia"),
        note=group_note("akathisia"),
        parts=(*parts, *_missing(indices, "akathisia")),
    )
