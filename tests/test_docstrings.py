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
ROOMS = sorted({name.split(".")[1] for name in MODULES})


@pytest.mark.parametrize("room", ROOMS)
def test_examples_of_a_room(room: str) -> None:
    own = [name for name in MODULES if name.split(".")[1] == room]
    failed = {name: doctest.testmod(import_module(name)).failed for name in own}
    assert not {name: n for name, n in failed.items() if n}


def test_the_public_functions_have_examples() -> None:
    public = [getattr(psgkit, name) for name in psgkit.__all__]
    functions = [one for one in public if callable(one) and not isinstance(one, type)]
    without = [one.__name__ for one in functions if ">>>" not in (one.__doc__ or "")]
    assert not without
