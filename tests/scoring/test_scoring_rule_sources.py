"""Every number of every rule set says where it comes from and how sure it is."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from psgkit.core.bounds import Span
from psgkit.scoring.rule_sources import SOURCES
from psgkit.scoring.rules import PROTOCOL_RULES, RULE_SETS

NOT_NUMBERS = {"name", "title", "reference"}
EVERY = {**RULE_SETS, **PROTOCOL_RULES}


def leaves(rule: object, prefix: str = "") -> Iterator[str]:
    """Return the dotted names of all fields; a span is one number."""
    for field in fields(rule):  # type: ignore[arg-type]
        value = getattr(rule, field.name)
        if is_dataclass(value) and not isinstance(value, Span):
            yield from leaves(value, f"{prefix}{field.name}.")
        elif prefix or field.name not in NOT_NUMBERS:
            yield f"{prefix}{field.name}"


def test_every_rule_set_has_sources_and_every_source_a_rule_set() -> None:
    assert set(SOURCES) == set(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_every_field_has_a_source_and_every_source_a_field(name: str) -> None:
    assert sorted(SOURCES[name]) == sorted(leaves(EVERY[name]))


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_begins_with_how_sure_it_is(name: str) -> None:
    for field, source in SOURCES[name].items():
        grade, colon, words = source.partition(": ")
        assert grade in {"confirmed", "second-hand", "open"}, field
        assert colon, field
        assert words.strip(), field


@pytest.mark.parametrize("name", EVERY)
def test_every_rule_set_says_what_it_is_called_and_where_it_was_published(name: str) -> None:
    rules = EVERY[name]
    assert rules.title
    assert any(year in rules.reference for year in ("2001", "2006", "2016", "2023"))
