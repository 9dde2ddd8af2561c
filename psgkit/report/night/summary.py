"""Summary of a night in a few sentences for a physician, every number with its unit."""

from collections.abc import Iterator
from string import Formatter
from typing import Any

from psgkit.core.index import Index
from psgkit.core.night_report import NightReport
from psgkit.core.reviewed import Reviewed
from psgkit.document.outside_text import visible
from psgkit.document.values import finite, plain, tidy, tidy_count
from psgkit.report.marked_numbers import Number, in_words, index_key
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.messages import translated
from psgkit.report.words.number_format import digits, number, with_unit
from psgkit.report.words.words import group_title

_GROUPS = ("arms", "trunk")
_MORE_OF_LEGS = Words(
    {
        "plmsnr_index": marked("Without respiratory movements {plmsnr_index}."),
        "plms_arousal_index": marked("With an arousal {plms_arousal_index}."),
        "plmw_index": marked("In wake {plmw_index}."),
    }
)


def summary_of(report: NightReport) -> tuple[str, ...]:
    """Return the sentences as pieces of text; numbers are marked with their place in the JSON.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> "".join(summary_of(score_night(Events.none())))[:40]
    'Legs not scored: no movements of the leg'
    """
    pieces = [piece for sentence in _sentences(report) for piece in (*sentence, " ")]
    return tuple(pieces[:-1])


def _sentences(report: NightReport) -> Iterator[tuple[str, ...]]:
    sleep = report.indices.get("sleep", {})
    if _known(sleep, "tst_min", "se_pct"):
        yield _filled(
            _("Slept {tst_min}, sleep efficiency {se_pct}."),
            _values(report, "sleep", ("tst_min", "se_pct")),
        )
    disruption = report.indices.get("disruption", {})
    yield from _legs(report)
    for group in _GROUPS:
        if _known(report.indices.get(group, {}), "plms_index"):
            found = _values(report, group, ("plms_index",))
            yield _filled(
                _("{group}, periodic in sleep: {plms_index}."),
                {"group": group_title(group), **found},
            )
    if _known(disruption, "arousal_index"):
        yield _filled(
            _("Arousal index {arousal_index}."), _values(report, "disruption", ("arousal_index",))
        )
    rules = plain(report.settings.get("rules", {}))
    title = str(rules.get("title") or rules.get("name") or "")
    if report.reviewed is None:
        yield _filled(_("Scored by a program ({rules}), not yet reviewed."), {"rules": title})
    else:
        yield _filled(
            _("Scored by a program ({rules}), {review}."),
            {"rules": title, "review": review_in_words(report.reviewed)},
        )


def review_in_words(reviewed: Reviewed) -> str:
    """Return who reviewed a night, when, and how many movements were changed.

    Examples
    --------
    >>> counts = {"movements_n": 233, "movements_changed_n": 14}
    >>> review_in_words(Reviewed(by="AB", at="2026-03-01T07:30:00Z", version="1", changes=counts))
    'reviewed by AB on 2026-03-01, 14 of 233 movements changed'
    """
    about = {
        "by": visible(reviewed.by),
        "at": reviewed.at[:10],
        "n": reviewed.changes.get("movements_n", 0),
        "changed": reviewed.changes.get("movements_changed_n", 0),
    }
    if reviewed.blind:
        said = _("scored by {by} on {at} without seeing what the program found", **about)
    else:
        said = _("reviewed by {by} on {at}, {changed} of {n} movements changed", **about)
    return said if reviewed.signed else _("{review}; not signed", review=said)


def _legs(report: NightReport) -> Iterator[tuple[str, ...]]:
    """Yield the results of the legs, per hour of sleep or, without stages, per hour recorded."""
    legs = report.indices.get("legs", {})
    if _known(legs, "plms_index"):
        found = _values(report, "legs", ("plms_index",))
        yield _filled(
            _(
                "Periodic leg movements in sleep: PLMS index {plms_index} "
                "({n} in {hours} of sleep)."
            ),
            {**found, **_fraction(legs["plms_index"], "plms_index")},
        )
        for name, sentence in _MORE_OF_LEGS.items():
            if _known(legs, name):
                yield _filled(sentence, _values(report, "legs", (name,)))
    elif _known(legs, "plm_index_recording", "lm_index_recording"):
        names = ("plm_index_recording", "lm_index_recording")
        yield _filled(
            _(
                "No sleep stages: periodic leg movements {plm_index_recording} recorded, "
                "all leg movements {lm_index_recording}."
            ),
            _values(report, "legs", names),
        )
    else:
        reasons = [finite(index).reason for index in legs.values()]
        reason = next((one for one in reasons if one), "")
        yield (
            _filled(_("Legs not scored: {reason}."), {"reason": translated(reason)})
            if reason
            else (_("Nothing could be scored."),)
        )


def _known(indices: Any, *names: str) -> bool:  # noqa: ANN401 - a mapping of indices
    return all(name in indices and finite(indices[name]).value is not None for name in names)


def _values(report: NightReport, group: str, names: tuple[str, ...]) -> dict[str, str]:
    indices = report.indices[group]
    return {name: in_words(indices[name], index_key(group, name)) for name in names}


def _fraction(index: Index, name: str) -> dict[str, str]:
    """Return count and hours of a rate."""
    counted, hours = tidy_count(index.numerator), tidy(index.denominator_h)
    if counted is None or hours is None:
        return {"n": "?", "hours": "?"}
    key = index_key("legs", name)
    return {
        "n": Number.of(number(counted, "1", "_n"), f"{key}.numerator", counted),
        "hours": Number.of(with_unit(digits(hours, 1), "h"), f"{key}.denominator_h", hours),
    }


def _filled(sentence: str, values: dict[str, str]) -> tuple[str, ...]:
    """Return a sentence with ``values`` in its fields, each as a separate piece."""
    pieces: list[str] = []
    for literal, name, _form, _conversion in Formatter().parse(sentence):
        pieces += [literal] if literal else []
        pieces += [values[name]] if name else []
    return tuple(pieces)
