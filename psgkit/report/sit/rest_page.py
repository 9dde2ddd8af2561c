"""Page about a rest test, for terminal, browser and PDF."""

from collections.abc import Iterator

from psgkit._version import __version__
from psgkit.core.index import Index
from psgkit.document.outside_text import bare_name
from psgkit.document.values import finite
from psgkit.report.night.answer import answer_sections, folded
from psgkit.report.night.content import (
    channel_section,
    file_and_review,
    finding_section,
    grave_banners,
)
from psgkit.report.night.profile import section_of_profile
from psgkit.report.page_model import Facts, Notes, Page, Section, Table
from psgkit.report.sit.rest_words import part_name, site_name
from psgkit.report.words.language import _
from psgkit.report.words.number_format import (
    NO_VALUE,
    clock,
    date_and_time,
    digits,
    value_in_words,
)
from psgkit.report.words.words import disclaimer, index_label
from psgkit.sit.rest_test import PROTOCOL, RestPartResult, RestTestReport

_TILES = ("rest_upright_rhythm_share", "rest_lying_rhythm_share", "rest_lying_plm_index")
_GROUPS = ("arms", "trunk")


def page_about_rest_test(report: RestTestReport) -> Page:
    """Return the page about one test."""
    return Page(
        title=_("Rest test: lying, seated, standing"),
        subtitle=file_and_review(report.source, report.reviewed),
        banners=grave_banners(report.findings),
        headline=tuple(_headline(report)),
        sections=(
            *answer_sections(report.profile),
            _parts(report),
            *(_discomfort(report) if report.answers is not None else ()),
            *folded(
                (
                    _about(report),
                    channel_section(report.channels),
                    finding_section(report.findings),
                    section_of_profile(report.profile),
                )
            ),
        ),
        disclaimer=disclaimer(__version__),
    )


def _headline(report: RestTestReport) -> Iterator[tuple[str, str]]:
    """Yield rhythm and periodic movements, and the highest relief after rising."""
    shown = [report.summary[name] for name in _TILES]
    shown += [index for name, index in report.summary.items() if name.endswith("_relief")]
    for index in shown:
        if index.value is not None:
            yield index_label(index.name, "sit"), value_in_words(finite(index))


def _parts(report: RestTestReport) -> Section:
    """Return one line for each part: periodic movements and rhythm."""
    others = [
        group
        for group in _GROUPS
        if any(_rate(one, group).value is not None for one in report.parts)
    ]
    rows = tuple(
        (
            part_name(one.part),
            clock(report.start, one.part.from_s),
            digits(one.awake_s / 60, 1),
            _cell(one.rhythm["rhythm_rest_share"]),
            _cell(one.rhythm["rhythm_frequency_hz"]),
            _cell(_rate(one, "legs")),
            *(_cell(_rate(one, group)) for group in others),
        )
        for one in report.parts
    )
    head = (
        _("Part"),
        _("from"),
        _("awake, min"),
        _("legs rhythmic"),
        _("frequency"),
        _("legs periodic"),
        *(_("{site} periodic", site=site_name(group)) for group in others),
    )
    note = _(
        "Periodic movements by the older rule (4-90 s), per hour awake. Rhythmic trains are no "
        "limb movements, and are in no index of periodic movements."
    )
    reasons = dict.fromkeys(
        str(index.reason)
        for one in report.parts
        for index in (one.rhythm["rhythm_rest_share"], _rate(one, "legs"))
        if index.value is None
    )
    notes = (Notes(lines=tuple(reasons)),) if reasons else ()
    return Section(
        key="parts",
        title=_("Lying, seated, standing"),
        note=note,
        parts=(Table(head=head, rows=rows, n_text=2), *notes),
    )


def _rate(one: RestPartResult, group: str) -> Index:
    return one.indices[group][PROTOCOL.index_older]


def _discomfort(report: RestTestReport) -> Iterator[Section]:
    """Yield the section on discomfort: mean, slope and relief of each part, site by site."""
    rows = tuple(
        (
            part_name(one.part),
            site_name(each.site),
            str(each.n),
            _cell(each.mean),
            _cell(each.rise),
            _cell(each.relief),
        )
        for one in report.parts
        for each in one.discomfort
    )
    head = (
        _("Part"),
        _("Site"),
        _("answers"),
        _("mean"),
        _("rise in 10 min"),
        _("relief after rising"),
    )
    yield Section(
        key="discomfort",
        title=_("Discomfort by site, 0-10"),
        note=_(
            "The rise takes three answers in a part. Relief is the last answer of a part less the "
            "first within 10 min after it and before the next part. Answers on another scale are "
            "converted to 0-10."
        ),
        parts=(Table(head=head, rows=rows, n_text=2),),
    )


def _cell(index: Index) -> str:
    return NO_VALUE if index.value is None else value_in_words(finite(index))


def _about(report: RestTestReport) -> Section:
    facts = (
        (_("File"), bare_name(report.source)),
        (_("Start of recording"), date_and_time(report.start)),
        (_("Parts from"), ", ".join(dict.fromkeys(one.part.source for one in report.parts))),
        (_("Movement"), _("the person was asked to stay in the posture, and not to move")),
        (_("SHA-256"), report.sha256 or _("not computed")),
    )
    return Section(key="test", title=_("Test"), parts=(Facts(rows=facts),))
