"""The rule set in words, with every value used."""

from collections.abc import Iterator, Mapping
from typing import Any

from psgkit.document.values import plain
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import short_number, with_unit
from psgkit.report.words.words import listed, name_in_words, unit_of_name, word_of, yes_or_no
from psgkit.settings import Settings

_APART = frozenset(("name", "title", "reference"))
_NAMES = Words(
    {
        "after_short_imi": marked("after short IMI", "rule"),
        "anchor": marked("anchor", "rule"),
        "arousal_within_s": marked("arousal within", "rule"),
        "bilateral": marked("bilateral", "rule"),
        "candidate_max_duration_s": marked("candidate max duration", "rule"),
        "counted_by": marked("counted by", "rule"),
        "imi_s": marked("IMI", "rule"),
        "in_wake": marked("in wake", "rule"),
        "join_within_s": marked("join within", "rule"),
        "kinds": marked("kinds", "rule"),
        "link": marked("link", "rule"),
        "max_duration_s": marked("max duration", "rule"),
        "max_parts": marked("max parts", "rule"),
        "min_duration_s": marked("min duration", "rule"),
        "min_movements": marked("min movements", "rule"),
        "no_candidate": marked("no candidate", "rule"),
        "respiratory": marked("respiratory", "rule"),
        "scored_as": marked("scored as", "rule"),
        "series": marked("series", "rule"),
        "window_s": marked("window", "rule"),
        "within_s": marked("within", "rule"),
    }
)
"""Settings of a rule set."""
_VALUES = Words(
    {
        "any_sleep": marked("any sleep", "rule"),
        "apnea": marked("apnea", "rule"),
        "breaks": marked("breaks", "rule"),
        "candidate": marked("candidate", "rule"),
        "end": marked("end", "rule"),
        "gap": marked("gap", "rule"),
        "hypopnea": marked("hypopnea", "rule"),
        "ignored": marked("ignored", "rule"),
        "no_candidate": marked("no candidate", "rule"),
        "onset": marked("onset", "rule"),
        "rera": marked("rera", "rule"),
        "restart": marked("restart", "rule"),
        "scored": marked("scored", "rule"),
        "skip": marked("skip", "rule"),
        "whole_event": marked("whole event", "rule"),
    }
)
"""What a setting that is a word may be."""


def rule_facts(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return name, reference and numbers of the rule set, and other changed settings.

    Examples
    --------
    >>> rule_facts({"rules": {"name": "WASM 2016", "min_movements": 4}})
    (('Rules', 'WASM 2016'), ('Values', 'min movements 4'))
    """
    rules = plain(settings.get("rules", {}))
    values = "; ".join(_values(rules))
    name, title = str(rules.get("name") or _("not named")), str(rules.get("title") or "")
    rows = (
        (_("Rules"), _("{title} ({name})", title=title, name=name) if title else name),
        (_("Reference"), str(rules.get("reference") or "")),
        (_("Values"), values),
        (_("Changed"), changed_in_words(settings)),
    )
    return tuple((label, value_words) for label, value_words in rows if value_words)


def changed_in_words(settings: Mapping[str, Any]) -> str:
    """Return the settings of the detector that are not the default; empty if all are."""
    # a report read from JSON has lists where settings have tuples
    used, default = plain(settings.get("emg")) or {}, plain(Settings().as_dict()["emg"])
    return "; ".join(_changes(used, default))


def _changes(used: Any, default: Any, path: str = "emg") -> Iterator[str]:  # noqa: ANN401
    """Return each setting of the detector that is not the default, as its path and value."""
    if isinstance(used, Mapping) and isinstance(default, Mapping):
        for key, value in used.items():
            yield from _changes(value, default.get(key), f"{path}.{key}")
    elif used != default:
        yield f"{path} = {_one_value(used, '')}"


def span_in_words(span: Mapping[str, Any], unit: str = "") -> str:
    r"""Return a range in words, with excluded ends stated.

    Examples
    --------
    >>> span_in_words({"low": 10.0, "high": 90.0, "includes_high": False}, "s")
    '10 to below 90\u2009s'
    """
    low, high = span["low"], span["high"]
    lower = _("no lower limit") if low is None else short_number(low)
    upper = _("no upper limit") if high is None else short_number(high)
    lower = lower if span.get("includes_low", True) else _("above {value}", value=lower)
    upper = upper if span.get("includes_high", True) else _("below {value}", value=upper)
    return with_unit(_("{low} to {high}", low=lower, high=upper), unit)


def _values(rules: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Return each value of a rule set by name, nested names joined."""
    for key, value in rules.items():
        if key in _APART:
            continue
        name = _NAMES.get(key) or name_in_words(key)
        if isinstance(value, Mapping) and not {"low", "high"} <= value.keys():
            yield from _values(value, f"{prefix}{name} ")
        else:
            limited = value != 0 or not key.startswith("max_")  # in a rule set 0 is "no limit"
            worded = _one_value(value, unit_of_name(key)) if limited else _("no limit")
            colon = ":" if isinstance(value, (str, list)) else ""
            yield f"{prefix}{name}{colon} {worded}".rstrip()


def _one_value(value: Any, unit: str) -> str:  # noqa: ANN401
    """Return one value of a rule set as words."""
    if isinstance(value, Mapping):
        return span_in_words(value, unit)
    if isinstance(value, bool) or value is None:
        return _("none") if value is None else yes_or_no(value)
    if isinstance(value, (int, float)):
        return with_unit(short_number(value), unit)
    if isinstance(value, list):
        return listed([_one_value(inner, unit) for inner in value])
    return word_of(_VALUES, str(value))
