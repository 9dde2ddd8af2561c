"""Nights, reports and folders that several tests read: made once in a run, for all its workers.

Who asks first makes a thing, whoever asks later reads it back. ``conftest.py`` makes the folder of
a run and removes it. What comes from here is shared: tests may not change it.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from psgkit.core.night_report import NightReport
from psgkit.core.trace import NightTrace
from psgkit.detect.trace import TraceRecorder
from psgkit.night.walk import analyse_night
from psgkit.simulate.night import simulate_night
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.simulated import SimulatedNight

STORE = "PSGKIT_TEST_STORE"
"""Environment variable with the folder of a run; workers inherit it."""
Thing = TypeVar("Thing")


def kept(name: str, make: Callable[[], Thing]) -> Thing:
    """Return what ``make`` returns, made once in a run. ``name`` stands for all it depends on."""
    place = _place(name)
    with FileLock(f"{place}.lock"):
        if not place.exists():
            # protocol 5 keeps arrays read-only
            place.write_bytes(pickle.dumps(make(), protocol=5))
        thing: Thing = pickle.loads(place.read_bytes())
    return thing


def kept_folder(name: str, fill: Callable[[Path], None]) -> Path:
    """Return a folder that ``fill`` filled, once in a run."""
    place = _place(name)
    with FileLock(f"{place}.lock"):
        if not place.exists():
            place.mkdir()
            fill(place)
    return place


@cache
def simulated(
    kind: str, *, hours: float, seed: int = 1, options: SimulationOptions | None = None
) -> SimulatedNight:
    """Return a simulated night."""
    chosen = options or SimulationOptions()
    return kept(
        f"simulated {kind} {hours} {seed} {chosen}",
        lambda: simulate_night(kind, hours=hours, seed=seed, options=chosen),
    )


@cache
def traced(
    kind: str, *, hours: float, seed: int = 1, options: SimulationOptions | None = None
) -> tuple[NightReport, NightTrace]:
    """Return the report of a simulated night with its stages and events, and its trace."""

    def analyse() -> tuple[NightReport, NightTrace]:
        night, recorder = simulated(kind, hours=hours, seed=seed, options=options), TraceRecorder()
        report = analyse_night(night.recording, night.hypnogram, night.events, recorder=recorder)
        return report, recorder.trace()

    return kept(f"analysed {kind} {hours} {seed} {options or SimulationOptions()}", analyse)


def analysed(
    kind: str, *, hours: float, seed: int = 1, options: SimulationOptions | None = None
) -> NightReport:
    """Return the report of a simulated night with its stages and events."""
    return traced(kind, hours=hours, seed=seed, options=options)[0]


def _place(name: str) -> Path:
    return Path(os.environ[STORE]) / hashlib.sha256(name.encode()).hexdigest()[:24]
