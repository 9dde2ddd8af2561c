"""Fixtures of the tests of the command line."""

from pathlib import Path

import pytest

from psgkit.simulate import simulate_night, write_night


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the files of a short night."""
    return write_night(simulate_night("rls", hours=0.3, seed=3), tmp_path_factory.mktemp("night"))
