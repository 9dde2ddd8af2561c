"""How much of a test each run does: random cases, and the same law on other data."""

from collections.abc import Iterable

import pytest
from _pytest.mark.structures import ParameterSet
from hypothesis import settings


def cases(n: int) -> settings:
    """Return settings for ``n`` random cases in profile ``all``, a tenth of them in ``fast``."""
    share = 1.0 if settings.get_current_profile_name() == "all" else 0.1
    return settings(max_examples=max(round(n * share), 20))


def first_of(values: Iterable[object], quick: int = 1) -> list[object | ParameterSet]:
    """Return parameters of which the first ``quick`` are tried in every run, the others slowly."""
    return [value if number < quick else slow(value) for number, value in enumerate(values)]


def slow(value: object) -> ParameterSet:
    """Return a parameter (a tuple: several) that is tried by ``scripts/test --all`` only."""
    parts = value if isinstance(value, tuple) else (value,)
    return pytest.param(*parts, marks=pytest.mark.slow)
