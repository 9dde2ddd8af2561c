"""Write the three simulated nights of the worked case: ``python scripts/make_case_nights.py``.

The published case has no recording.  A healthy night, a night of restless back and another healthy
night stand for before, at 0.6 g/day of amisulpride, and after; every report says that it is
simulated.
"""

from dataclasses import replace
from pathlib import Path

from psgkit import analyse_night
from psgkit.report.as_json import night_as_json
from psgkit.simulate import SimulationOptions, simulate_night

CASE = Path(__file__).resolve().parent.parent / "sample_data" / "case"
HOURS = 4.0
OPTIONS = SimulationOptions(
    rate_hz=200.0, ecg_rate_hz=None, accelerometer_rate_hz=25.0, sensors="legs+trunk+lumbar"
)
NIGHTS = {"night-1": ("healthy", 21), "night-2": ("rbs", 22), "night-3": ("healthy", 23)}


def case_night(name: str) -> str:
    """Return the report of one night as JSON text, without a date, as the case has none."""
    kind, seed = NIGHTS[name]
    night = simulate_night(kind, hours=HOURS, seed=seed, options=OPTIONS)
    report = analyse_night(night.recording, night.hypnogram, night.events)
    return night_as_json(replace(report, start=None, source=f"{name}-simulated-{kind}"))


def main() -> None:
    """Write the reports and say how large they are."""
    for name in NIGHTS:
        path = CASE / f"{name}.json"
        path.write_text(case_night(name), encoding="utf-8")
        print(f"sample_data/case/{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
