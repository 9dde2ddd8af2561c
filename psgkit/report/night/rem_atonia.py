"""Muscle activity in REM sleep: shares with published cut-offs, and what was left out."""

from collections.abc import Mapping

from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.indices.rem_atonia import CutOff, cut_off_of
from psgkit.io.channels.roles import arm_muscle
from psgkit.report.marked_numbers import in_words, index_key, rate_numbers
from psgkit.report.page_model import Facts, Part, Table
from psgkit.report.words.language import _
from psgkit.report.words.number_format import NO_VALUE, short_number, with_unit
from psgkit.report.words.words import index_label

_GROUP = "rem_atonia"


def rem_atonia_parts(report: NightReport, there: Mapping[str, Index]) -> tuple[Part, ...]:
    """Return the shares with their cut-offs, then time, background and what was left out."""
    shares = {name: index for name, index in there.items() if index.unit == "%"}
    cut_offs = {name: cut_off_of(name, flexors=_of_flexors(report)) for name in shares}
    rows = tuple(
        (
            index_label(name, _GROUP),
            *rate_numbers(index, index_key(_GROUP, name))[:2],
            _percent(cut_offs[name]),
        )
        for name, index in shares.items()
    )
    sources = dict.fromkeys(one.source for one in cut_offs.values() if one is not None)
    foot = ""
    if sources:
        foot = _(
            "Cut-off: {source}, 30 people with REM sleep behaviour disorder and 30 controls, none "
            "of whom reached it; scored by people, not by this program.",
            source="; ".join(sources),
        )
    table = Table(
        head=(_("Activity"), "%", _("number"), _("Published cut-off")), rows=rows, foot=foot
    )
    facts = Facts(
        rows=tuple(
            (index_label(name, _GROUP), in_words(index, index_key(_GROUP, name)))
            for name, index in there.items()
            if name not in shares
        )
    )
    return (table, facts)


def _percent(one: CutOff | None) -> str:
    return NO_VALUE if one is None else with_unit(short_number(one.percent), "%")


def _of_flexors(report: NightReport) -> bool:
    """Return whether both arms were recorded from the flexor digitorum superficialis."""
    sites = {
        channel.site
        for channel in report.channels
        if channel.role == "arm" and channel.status == "used" and arm_muscle(channel.label) == "fds"
    }
    return {"left_arm", "right_arm"} <= {str(site) for site in sites}
