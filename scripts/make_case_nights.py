"""Write the simulated nights of the worked case, and the figure of their course.

    python scripts/make_case_nights.py [--figure]

``--figure`` draws the figure from the nights that are there.
The published case has no recording.  A healthy night, a night of restless back and another healthy
night stand for before, at 0.6 g/day of amisulpride, and after; every report says that it is
simulated, and so does the figure.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from psgkit import analyse_night
from psgkit.document.write import night_as_json
from psgkit.followup.reported import read_reported_night
from psgkit.followup.walk import follow_nights
from psgkit.io.new_files import new_file
from psgkit.profile.context.read import read_context
from psgkit.report.figures.nights import nights_figure
from psgkit.simulate import SimulationOptions
from psgkit.simulate.body_night import simulate_body_night
from psgkit.simulate.plan.body_kinds import BODY_KINDS

CASE = Path(__file__).resolve().parent.parent / "sample_data" / "case"
EPOCHS_N = 480
OPTIONS = SimulationOptions(
    rate_hz=200.0, ecg_rate_hz=None, accelerometer_rate_hz=25.0, sensors="legs+trunk+lumbar"
)
NIGHTS = {"night-1": ("healthy", 21), "night-2": ("rbs", 22), "night-3": ("healthy", 23)}


def case_night(name: str) -> str:
    """Return the report of one night as JSON text, without a date, as the case has none."""
    kind, seed = NIGHTS[name]
    night = simulate_body_night(BODY_KINDS[kind], EPOCHS_N, seed, OPTIONS)
    report = analyse_night(night.recording, night.hypnogram, night.events)
    return night_as_json(replace(report, start=None, source=f"{name}-simulated-{kind}"))


def case_figure() -> str:
    """Return the course of the nights under the doses of the case, as SVG."""
    nights = [read_reported_night(CASE / f"{name}.json") for name in NIGHTS]
    return nights_figure(follow_nights(nights, read_context(CASE / "context.toml"))).svg


def main() -> None:
    """Write the reports and the figure, and say how large they are."""
    parser = argparse.ArgumentParser(description="The simulated nights of the worked case.")
    parser.add_argument("--figure", action="store_true", help="only the figure")
    for name in () if parser.parse_args().figure else NIGHTS:
        _write(CASE / f"{name}.json", case_night(name))
    _write(CASE / "course.svg", case_figure())


def _write(path: Path, text: str) -> None:
    with new_file(path) as part:
        part.write_text(text, encoding="utf-8")
    print(f"sample_data/case/{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
