"""Content of the page about an immobilisation test, for terminal and browser."""

from collections.abc import Mapping

from psgkit._version import __version__
from psgkit.core.discomfort import Discomfort
from psgkit.core.index import Index
from psgkit.core.index_catalogue.entry import RATE
from psgkit.detect.accelerometer.channels import GROUP_PREFIX
from psgkit.document.outside_text import bare_name
from psgkit.document.values import finite
from psgkit.report.night.answer import answer_sections, folded
from psgkit.report.night.content import (
    channel_section,
    file_and_review,
    finding_section,
    grave_banners,
)
from psgkit.report.night.index_sections import missing_lines
from psgkit.report.night.profile import section_of_profile
from psgkit.report.page_model import Bars, Facts, Notes, Page, Part, Section, Table
from psgkit.report.sit.document import STATEMENT
from psgkit.report.words.language import Words, _, in_context, marked
from psgkit.report.words.number_format import (
    NO_VALUE,
    clock,
    date_and_time,
    digits,
    elapsed,
    hours_minutes,
    number,
    short_number,
    value_in_words,
)
from psgkit.report.words.rule_words import rule_facts
from psgkit.report.words.words import (
    SITE_NAMES,
    capitalised,
    disclaimer,
    group_note,
    group_title,
    index_label,
    word_of,
)
from psgkit.sit.report import FLOOR, Protocol, SitReport

_RHYTHM = "rhythm_seated"
"""What the section about rhythmic trains is called."""

_TITLES = Words(
    {
        "sit": marked("Suggested immobilisation test"),
        "msit": marked("Multiple suggested immobilisation test"),
    }
)
_INSTRUCTIONS = Words(
    {
        "sit": marked("the person was asked not to move"),
        "msit": marked(
            "movement was allowed in this test: msit_plmw is not comparable with the SIT "
            "index, nor with its published values"
        ),
    }
)
"""What the person was asked to do."""
_LABELS = Words(
    {
        "lm_index": marked("All movements"),
        "lm_n": marked("Movements (LM)"),
        "clm_older_n": marked("Candidates, older rule"),
        "plm_older_n": marked("Periodic, older rule"),
        "plm_wasm2016_n": marked("Periodic, WASM 2016"),
        "series_older_n": marked("Series, older rule"),
        "series_wasm2016_n": marked("Series, WASM 2016"),
        "imi_mean_s": marked("Interval in series, mean"),
        "imi_modal_s": marked("Interval in series, most frequent"),
        "short_imi_share": marked("Share of intervals too short for WASM 2016"),
    }
)
_RULES_OF_TEST = {
    "older": marked("Older rule: {name}"),
    "newer": marked("Newer rule: {name}"),
}
_RULE_NAMES = Words({"older": marked("older", "rule"), "2016": marked("2016")})


def page_about_sit(report: SitReport) -> Page:
    """Return the page about one test."""
    return Page(
        title=_TITLES[report.test.protocol.name],
        subtitle=file_and_review(report.source, report.reviewed),
        banners=grave_banners(report.findings),
        headline=_headline(report),
        sections=(
            *answer_sections(report.profile),
            *folded(
                (
                    _test(report),
                    *(_group(group, report.indices[group]) for group in report.indices),
                    _group(_RHYTHM, report.rhythm),
                    _discomfort(report),
                    _steps(report),
                    _references(report),
                    channel_section(report.channels),
                    finding_section(report.findings),
                    section_of_profile(report.profile),
                )
            ),
        ),
        disclaimer=disclaimer(__version__),
    )


def _headline(report: SitReport) -> tuple[tuple[str, str], ...]:
    """Return the rates and the rhythm of the legs, and the mean discomfort, if there are any."""
    protocol = report.test.protocol
    legs = report.indices.get("legs", {})
    shown = [
        (_("Legs: {label}", label=_label(name)), legs[name])
        for name in (protocol.index_older, protocol.index_newer)
        if name in legs
    ]
    rhythm = ("rhythm_rest_share", "rhythm_frequency_hz")
    shown += [
        (_("Legs: {label}", label=_label(name)), report.rhythm[name])
        for name in rhythm
        if name in report.rhythm
    ]
    shown.append((_("Discomfort, mean"), report.discomfort["all"].mean))
    return tuple(
        (label, value_in_words(index))
        for label, index in ((label, finite(index)) for label, index in shown)
        if index.value is not None
    )


def _test(report: SitReport) -> Section:
    """Return time and duration of the test, and the part that counts."""
    part, start = report.test.part, report.start
    rules = [
        (_(label, name=f"{key[:1].lower()}{key[1:]}"), value_words)
        for rule, label in _RULES_OF_TEST.items()
        for key, value_words in rule_facts({"rules": report.settings[rule]})
    ]
    facts = (
        (_("File"), bare_name(report.source)),
        (_("Start of recording"), date_and_time(start)),
        (
            _("Test"),
            _(
                "{begin} to {end}, from {source}",
                begin=clock(start, part.from_s),
                end=clock(start, part.to_s),
                source=part.source,
            ),
        ),
        (_("Duration"), hours_minutes(part.duration_s)),
        (_("Counted as awake"), hours_minutes(report.awake_s)),
        (_("Movement"), _INSTRUCTIONS[report.test.protocol.name]),
        *rules,
        (_("SHA-256"), report.sha256 or _("not computed")),
    )
    return Section(key="test", title=_("Test"), note=FLOOR, parts=(Facts(rows=facts),))


def _group(group: str, given: Mapping[str, Index]) -> Section:
    """Return the section on one group of sites, or on the rhythm of the legs."""
    indices = {name: finite(index) for name, index in given.items()}
    there = {name: index for name, index in indices.items() if index.value is not None}
    rates = tuple(
        (
            _label(name),
            number(index.value or 0.0, RATE.unit),
            number(index.numerator or 0.0, "1", "_n"),
            digits(index.denominator_h or 0.0, 2),
        )
        for name, index in there.items()
        if index.unit == RATE.unit
    )
    facts = tuple(
        (_label(name), value_in_words(index))
        for name, index in there.items()
        if index.unit != RATE.unit
    )
    parts: list[Part] = []
    if rates:
        head = (in_context("per hour", "Rate"), _("per hour awake"), _("number"), _("hours"))
        parts.append(Table(head=head, rows=rates))
    if facts:
        parts.append(Facts(rows=facts))
    missing = missing_lines(indices, _label)
    if missing:
        parts.append(Notes(lines=missing))
    note = group_note(group) if there else ""
    return Section(key=group, title=group_title(group), note=note, parts=tuple(parts))


def _label(name: str) -> str:
    return _LABELS.get(name) or index_label(name)


def _discomfort(report: SitReport) -> Section:
    """Return the means, and every answer as a bar."""
    answers = report.test.discomfort
    means = tuple(
        (
            _("All prompts") if site == "all" else capitalised(word_of(SITE_NAMES, site)),
            _("{mean} (n = {n})", mean=value_in_words(finite(found.mean)), n=found.n),
        )
        for site, found in report.discomfort.items()
    )
    parts: list[Part] = [Facts(title=_("Mean"), rows=means)]
    if answers is not None and len(answers):
        parts.append(_answers(answers, report))
    title, note = _("Discomfort"), _("Mean of all answers, not the largest.")
    return Section(key="discomfort", title=title, note=note, parts=tuple(parts))


def _answers(answers: Discomfort, report: SitReport) -> Bars:
    first_s = report.test.part.from_s
    rows = tuple(
        (
            f"{elapsed(time_s - first_s)} {word_of(SITE_NAMES, site)}".rstrip(),
            score,
            short_number(score),
        )
        for time_s, score, site in zip(
            answers.time_s.tolist(), answers.score.tolist(), answers.site.tolist(), strict=True
        )
    )
    return Bars(
        title=_("From the start of the test, 0-{scale}", scale=short_number(answers.scale_max)),
        rows=rows,
    )


def _steps(report: SitReport) -> Section:
    """Return one line for each ten minutes."""
    columns = [
        (_head(group, rule), group, name)
        for group, indices in report.indices.items()
        for rule, name in _shown_rules(group, report.test.protocol)
        if indices[name].value is not None
    ]
    rows = tuple(
        (
            elapsed(step.from_s - report.test.part.from_s),
            digits(step.awake_s / 60, 1),
            *(_cell(step.indices[group][name]) for _title, group, name in columns),
            _cell(step.discomfort.mean),
        )
        for step in report.steps
    )
    names = (title for title, _group, _name in columns)
    head = (_("From"), _("awake, min"), *names, _("discomfort"))
    return Section(
        key="steps",
        title=_("By 10 minutes"),
        note=_(
            "Per hour awake, by the older rule and by WASM 2016; accelerometers by the older one."
        ),
        parts=(Table(head=head, rows=rows),),
    )


def _shown_rules(group: str, protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """Return the rules that have a column: both for EMG, one for accelerometers."""
    older = ("older", protocol.index_older)
    return (older,) if group.startswith(GROUP_PREFIX) else (older, ("2016", protocol.index_newer))


def _head(group: str, rule: str) -> str:
    if group.startswith(GROUP_PREFIX):
        return word_of(SITE_NAMES, group.removeprefix(GROUP_PREFIX))
    return _("{group}, {rule}", group=word_of(SITE_NAMES, group), rule=_RULE_NAMES[rule])


def _cell(index: Index) -> str:
    index = finite(index)
    return NO_VALUE if index.value is None else number(index.value, RATE.unit)


def _references(report: SitReport) -> Section:
    """Return the published values with their certainty."""
    rows = tuple((one.text, one.grade, one.source) for one in report.references)
    head = (_("Published"), _("Grade"), _("Source"))
    table = Table(head=head, rows=rows, n_text=len(head))
    return Section(key="references", title=_("Published values"), note=_(STATEMENT), parts=(table,))
