"""The rule set in words: every value that was used, whatever the rule set is called."""

from collections.abc import Iterator, Mapping
from typing import Any

from psgkit.report.numbers import plain
from psgkit.report.words import name_in_words, short_number, unit_of_name
from psgkit.settings import Settings

_APART = frozenset(("name", "title", "reference"))


def rule_facts(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return name, reference and numbers of the rule set, and what else was changed.

    Examples
    --------
    >>> rule_facts({"rules": {"name": "WASM 2016", "min_movements": 4}})
    (('Rules', 'WASM 2016'), ('Values', 'min movements 4'))
    """
    rules = plain(settings.get("rules", {}))
    values = "; ".join(_values(rules))
    name, title = str(rules.get("name") or "not named"), str(rules.get("title") or "")
    # a report that was read back has lists where settings have tuples
    default = plain(Settings().as_dict()["emg"])
    rows = (
        ("Rules", f"{title} ({name})" if title else name),
        ("Reference", str(rules.get("reference") or "")),
        ("Values", values),
        ("Changed", "; ".join(_changes(plain(settings.get("emg")), default))),
    )
    return tuple((label, text) for label, text in rows if text)


def _changes(used: Any, default: Any, path: str = "emg") -> Iterator[str]:  # noqa: ANN401
    """Return each setting of the detector that is not the default, as its path and value."""
    if isinstance(used, Mapping) and isinstance(default, Mapping):
        for key, value in used.items():
            yield from _changes(value, default.get(key), f"{path}.{key}")
    elif used is not None and used != default:
        yield f"{path} = {used}"


def span_in_words(span: Mapping[str, Any], unit: str = "") -> str:
    """Return a range as words, saying which ends are excluded.

    Examples
    --------
    >>> span_in_words({"low": 10.0, "high": 90.0, "includes_high": False}, "s")
    '10 to below 90 s'
    """
    low, high = span["low"], span["high"]
    lower = "no lower limit" if low is None else short_number(low)
    upper = "no upper limit" if high is None else short_number(high)
    above = "" if span.get("includes_low", True) else "above "
    below = "" if span.get("includes_high", True) else "below "
    return f"{above}{lower} to {below}{upper} {unit}".rstrip()


def _values(rules: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Return each value of a rule set with its name, nested names joined."""
    for key, value in rules.items():
        if key in _APART:
            continue
        name = name_in_words(key)
        name = name if name[1:2].isupper() else name[:1].lower() + name[1:]
        if isinstance(value, Mapping) and not {"low", "high"} <= value.keys():
            yield from _values(value, f"{prefix}{name} ")
        else:
            limited = value != 0 or not key.startswith("max_")  # in a rule set 0 is "no limit"
            worded = _one_value(value, unit_of_name(key)) if limited else "no limit"
            colon = ":" if isinstance(value, (str, list)) else ""
            yield f"{prefix}{name}{colon} {worded}".rstrip()


def _one_value(value: Any, unit: str) -> str:  # noqa: ANN401
    """Return one value of a rule set as words."""
    if isinstance(value, Mapping):
        return span_in_words(value, unit)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, (int, float)):
        return f"{short_number(value)} {unit}".rstrip()
    if isinstance(value, list):
        return ", ".join(_one_value(inner, unit) for inner in value)
    return str(value).replace("_", " ")
