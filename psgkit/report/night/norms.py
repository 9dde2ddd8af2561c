"""Norms in words: a grey line beside a value, never a verdict."""

from collections.abc import Iterable

from psgkit.core.night_report import NightReport
from psgkit.document.values import finite
from psgkit.profile.norms.norm import Norm, between_nights, norms_for
from psgkit.report.words.language import Words, _, in_context, marked
from psgkit.report.words.number_format import short_number, with_unit
from psgkit.report.words.words import index_label

_WHO = Words(
    {
        "adults": marked("adults"),
        "women": marked("women"),
        "men": marked("men"),
        "healthy_adults": marked("healthy adults"),
        "healthy_people": marked("healthy people"),
        "rls": marked("people with restless legs"),
    }
)
_PERCENT_OF = Words(
    {
        "adults": marked("adults", "percent of"),
        "women": marked("women", "percent of"),
        "men": marked("men", "percent of"),
        "healthy_adults": marked("healthy adults", "percent of"),
        "healthy_people": marked("healthy people", "percent of"),
        "rls": marked("people with restless legs", "percent of"),
    }
)
_NOTED = {
    "legs": ("plms_index", "periodicity_index_ferri"),
    "sleep": ("se_pct",),
    "disruption": ("arousal_index",),
}
"""Indices whose norms stand in the note of their section."""


def norm_line(report: NightReport, group: str, name: str) -> str:
    r"""Return what is known of other people about an index; empty if nothing was verified.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> norm_line(score_night(Events.none()), "legs", "plms_index")
    '28.6\u2009% of adults of 40-80 have more than 15\u2009/h (Haba-Rubio 2016)'
    """
    person = report.person
    index = report.indices.get(group, {}).get(name)
    if index is None:
        return ""
    return _in_words(norms_for(f"{group}.{name}", person.age_years, person.sex), index.unit)


def norm_note(report: NightReport, group: str) -> str:
    """Return the norms of the indices of a section, with the range from night to night."""
    said = []
    for name in _NOTED.get(group, ()):
        index = report.indices[group].get(name)
        if index is None or finite(index).value is None:
            continue
        line = norm_line(report, group, name)
        said += [f"{index_label(name, group)}: {line}."] if line else []
        said += [_from_night_to_night(one, index.unit) for one in between_nights(f"{group}.{name}")]
    return " ".join(said)


def _from_night_to_night(norm: Norm, unit: str) -> str:
    return _(
        "From night to night: {who}, lowest to highest night {value} apart on average, {low} to "
        "{high} ({source}, n = {n}).",
        who=_WHO[norm.who],
        value=_number(norm.value, unit),
        low=_number(norm.low, ""),
        high=_number(norm.high, unit),
        source=norm.source,
        n=norm.n,
    )


def _in_words(norms: Iterable[Norm], unit: str) -> str:
    """Return the norms of one source as one line."""
    given = list(norms)
    if not given:
        return ""
    first = given[0]
    if first.percent is not None:
        return _(
            "{percent} of {who} {ages} have more than {value} ({source})",
            percent=_number(first.percent, "%"),
            who=_PERCENT_OF[first.who],
            ages=_ages(first),
            value=with_unit(short_number(first.above or 0.0), unit),
            source=first.source,
        )
    values = ", ".join(" ".join(filter(None, (_typical(one, unit), _ages(one)))) for one in given)
    return _("{who}: {values} ({source})", who=_WHO[first.who], values=values, source=first.source)


def _typical(norm: Norm, unit: str) -> str:
    value = _number(norm.value, unit)
    if norm.low is not None and norm.high is not None:
        return _(
            "{value} [{low} to {high}]",
            value=value,
            low=_number(norm.low, ""),
            high=_number(norm.high, ""),
        )
    if norm.sd is not None:
        return _("{value} (SD {sd})", value=value, sd=_number(norm.sd, ""))
    return value


def _ages(norm: Norm) -> str:
    """Return the ages of the people of a norm."""
    if norm.ages is None:
        return ""
    low, high = map(short_number, norm.ages)
    if not norm.ages[0]:
        return in_context("age", "up to {high}", high=high)
    if not norm.ages[1]:
        if norm.over:
            return in_context("age", "over {low}", low=low)
        return in_context("age", "of {low} and older", low=low)
    return in_context("age", "of {low}-{high}", low=low, high=high)


def _number(value: float | None, unit: str) -> str:
    """Return a number of a source as the source has it."""
    return with_unit(short_number(value or 0.0), unit)
