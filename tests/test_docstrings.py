"""The examples in docstrings are true."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import psgkit

MODULES = sorted(
    found.name
    for found in walk_packages(psgkit.__path__, "psgkit.")
    if not found.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name: str) -> None:
    failed, _ = doctest.testmod(import_module(name))
    assert failed == 0


def test_the_public_functions_have_examples() -> None:
    public = [getattr(psgkit, name) for name in psgkit.__all__]
    functions = [one for one in public if callable(one) and not isinstance(one, type)]
    without = [one.__name__ for one in functions if ">>>" not in (one.__doc__ or "")]
    assert not without
