"""Write the simulated nights and days of ``sample_data``: ``scripts/make_sample_data.py``."""

from dataclasses import replace
from pathlib import Path

from psgkit.simulate import (
    DayChoice,
    SimulatedNight,
    SimulationOptions,
    simulate_days,
    simulate_night,
    write_night,
)
from psgkit.simulate.body_night import simulate_body_night
from psgkit.simulate.plan.body_kinds import BODY_KINDS
from psgkit.simulate.week.files import write_day_tables

EPOCHS_PER_H = 120
SAMPLE_DATA = Path(__file__).resolve().parent.parent / "sample_data"
LEGS = SimulationOptions(rate_hz=200.0, ecg_rate_hz=None)
BODY = replace(LEGS, accelerometer_rate_hz=25.0)
NIGHTS = {  # kind: hours, seed, options
    "rls": (2.0, 5, LEGS),
    "healthy": (1.0, 4, LEGS),
    "rbs": (0.75, 12, replace(BODY, sensors="trunk+wrists+lumbar", ecg_rate_hz=50.0)),
    "ras": (0.75, 12, replace(BODY, sensors="arms+wrists+lumbar")),
    "akathisia": (0.75, 17, replace(BODY, sensors="legs+ankles+lumbar")),
}
WEEK = ("rls", 5, DayChoice(days=7, clock_change="spring"))
OF_WEEK = ("counts", "diary", "markers", "nights", "off", "about")
"""Files of a week that are kept: counts, diary, button presses, truth about the nights."""


def sample_night(kind: str) -> SimulatedNight:
    """Return a night of ``NIGHTS``: of the legs alone, or of the kinds at home."""
    hours, seed, options = NIGHTS[kind]
    if options.sensors is None:
        return simulate_night(kind, hours=hours, seed=seed, options=options)
    return simulate_body_night(BODY_KINDS[kind], round(hours * EPOCHS_PER_H), seed, options)


def main() -> None:
    """Write the nights and the week, and say how large they are."""
    for kind in NIGHTS:
        night = sample_night(kind)
        paths = write_night(night, SAMPLE_DATA / kind)
        size_mb = sum(path.stat().st_size for path in paths.values()) / 1e6
        print(f"sample_data/{kind}: {len(night.truth)} movements, {size_mb:.2f} MB")
    _write_week()


def _write_week() -> None:
    """Write the tables of the week; its samples would be 270 MB."""
    kind, seed, choice = WEEK
    folder = SAMPLE_DATA / "days"
    folder.mkdir(exist_ok=True)
    week = simulate_days(kind, seed=seed, choice=choice)
    paths = write_day_tables(week, folder)
    for name in set(paths) - set(OF_WEEK):
        paths.pop(name).unlink()
    size_mb = sum(path.stat().st_size for path in paths.values()) / 1e6
    print(f"sample_data/days: {choice.days} days, {size_mb:.2f} MB")


if __name__ == "__main__":
    main()
