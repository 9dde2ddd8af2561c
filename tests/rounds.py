"""How much of a test each run does (random cases, other data), and ratios of time."""

import time
from collections.abc import Callable, Iterable

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


def processor_s(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the least processor time of ``work``; only ratios of it say something in a test."""
    took_s = []
    for _ in range(rounds):
        start_s = time.process_time()
        work()
        took_s.append(time.process_time() - start_s)
    return min(took_s)
