"""``psgkit simulate``: a night with known truth."""

import sys
from pathlib import Path
from typing import Annotated

import typer

_MOST_HOURS = 240.0


def simulate(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="healthy, rls, ras, rbs or akathisia.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write the files here.")],
    hours: Annotated[float, typer.Option(help="Length of the night, 240 at most.")] = 8.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32, help="Another number, another night.")] = 0,
    rate: Annotated[float, typer.Option(help="Sampling rate of the EMG in Hz.")] = 256.0,
    sensors: Annotated[
        str | None,
        typer.Option(
            metavar="legs|full|PARTS",
            help="Parts are legs, arms, trunk, ankles, wrists, lumbar, joined by +.  "
            "Usually legs for healthy and rls, full for the others.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a night with known truth.

    Restless legs (rls), arms (ras) or back (rbs), akathisia, or none.
    Writes night.edf, hypnogram.csv, events.csv, truth.csv and distractors.csv; with more than
    the legs also truth_accelerometer.csv, postures.csv, turns.csv and rhythms.csv.

    \b
    Examples:
      psgkit simulate rls --out night
      psgkit simulate healthy --out night --hours 2 --seed 7 --rate 200
      psgkit simulate rbs --out night
      psgkit simulate rls --out night --sensors legs+ankles+lumbar
    """
    from psgkit.cli.progress import busy
    from psgkit.errors import SettingsError
    from psgkit.simulate import SimulationOptions, simulate_night, write_night

    if hours > _MOST_HOURS:
        raise SettingsError("--hours", f"{hours:g}", f"at most {_MOST_HOURS:g}")
    with busy(f"simulating {hours:g} h"):
        try:
            night = simulate_night(
                kind,
                hours=hours,
                seed=seed,
                options=SimulationOptions(rate_hz=rate, sensors=sensors),
            )
        except ValueError as error:
            raise SettingsError("simulate", str(error), "a night that can be simulated") from None
        try:
            written = write_night(night, out)
        except OSError as error:
            found = error.strerror or "an error"
            raise SettingsError(str(out), found, "a folder that can be written to") from None
    sys.stderr.write("".join(f"wrote {path}\n" for path in written.values()))
