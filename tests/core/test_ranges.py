"""Every number of every rule is finite and in a range, whatever a settings file says."""

import dataclasses
from collections.abc import Iterator

import pytest

from psgkit.days.settings import DaysSettings
from psgkit.settings import Settings
from psgkit.sit.report import SitSettings

ODD = (float("nan"), float("inf"), float("-inf"), -1.0, 1e300, 10**400)
MAY_BE = {("Span", "low"): (-1.0,), ("Span", "high"): (-1.0,)}
"""Ends of a window may lie before what it is about; counts are compared with any large number."""
MAY_BE |= {("ZeroRunRule", "spike_below"): (float("inf"), 1e300, 10**400)}


def rules_in(value: object) -> Iterator[object]:
    if dataclasses.is_dataclass(value):
        yield value
        for each in dataclasses.fields(value):
            yield from rules_in(getattr(value, each.name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from rules_in(inner)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


RULES = {
    type(rule): rule for kind in (Settings, DaysSettings, SitSettings) for rule in rules_in(kind())
}
FIELDS = [
    (rule, each.name)
    for rule in RULES.values()
    for each in dataclasses.fields(rule)
    if is_number(getattr(rule, each.name))
]


def test_all_rules_are_looked_at() -> None:
    assert len(RULES) > 50
    assert len(FIELDS) > 280


@pytest.mark.parametrize(
    ("rule", "name"), FIELDS, ids=[f"{type(rule).__name__}.{name}" for rule, name in FIELDS]
)
def test_a_number_that_fits_no_rule_is_an_error_that_names_it(rule: object, name: str) -> None:
    for value in ODD:
        if value in MAY_BE.get((type(rule).__name__, name), ()):
            continue
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are checked below
            dataclasses.replace(rule, **{name: value})
        assert name in str(caught.value)


def test_numbers_in_arrays_are_looked_at() -> None:
    for rule in RULES.values():
        for each in dataclasses.fields(rule):
            usual = getattr(rule, each.name)
            if isinstance(usual, tuple) and usual and is_number(usual[0]):
                with pytest.raises(ValueError, match=each.name):
                    dataclasses.replace(rule, **{each.name: (float("nan"), *usual[1:])})
