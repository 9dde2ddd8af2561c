"""``psgkit simulate``: a night, or days and nights, with known truth."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from psgkit.cli.options import say

_MOST_HOURS = 240.0


def simulate(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="healthy, rls, ras, rbs or akathisia.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write the files here.")],
    hours: Annotated[float, typer.Option(help="Length of the night, 240 at most.")] = 8.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32, help="Another number, another night.")] = 0,
    rate: Annotated[float, typer.Option(help="Sampling rate of the EMG in Hz.")] = 256.0,
    emg: Annotated[
        str, typer.Option(metavar="units|noise", help="EMG of motor units, or of noise.")
    ] = "units",
    sensors: Annotated[
        str | None,
        typer.Option(
            metavar="legs|full|PARTS",
            help="Parts are legs, arms, trunk, ankles, wrists, lumbar, joined by +.  "
            "Usually full, the same channels for every kind.  With --days places: "
            "left_ankle, right_ankle, left_wrist, right_wrist, lumbar.",
            show_default=False,
        ),
    ] = None,
    rem_tonic: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Record the chin too; it is tonic in this share of the epochs of REM sleep.",
            min=0.0,
            max=1.0,
        ),
    ] = None,
    rem_phasic: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            help="Record the chin too; it bursts as often a minute in other epochs of REM sleep.",
            min=0.0,
            max=30.0,
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(help="Days from noon to noon instead of a night, 30 at most.", min=1, max=30),
    ] = None,
    clock_change: Annotated[
        str,
        typer.Option(
            metavar="none|spring|autumn", help="With --days: the second night has 23 or 25 h."
        ),
    ] = "none",
) -> None:
    """Make a night with known truth, or days and nights of an actigraph.

    Restless legs (rls), arms (ras) or back (rbs), akathisia, or none.  Kinds have the same
    channels and the same evening, and a healthy sleeper moves awake, too.
    Writes night.edf, hypnogram.csv, events.csv, truth.csv, distractors.csv,
    truth_accelerometer.csv, postures.csv, turns.csv and rhythms.csv (the last four not with
    --sensors legs for healthy and rls, which are other nights, of the legs alone); with the
    chin (--rem-tonic, --rem-phasic) rem_activity.csv.
    With --days: days.edf, counts.csv, diary.csv, markers.csv, about.json, and the truth in
    hypnogram.csv, nights.csv, truth.csv, rhythms.csv, postures.csv and off.csv.

    \b
    Examples:
      psgkit simulate rls --out night
      psgkit simulate healthy --out night --hours 2 --seed 7 --rate 200
      psgkit simulate rls --out night --sensors legs
      psgkit simulate rls --out night --emg noise
      psgkit simulate rbs --out night
      psgkit simulate rls --out night --sensors legs+ankles+lumbar
      psgkit simulate rls --out night --rem-tonic 0.2 --rem-phasic 4
      psgkit simulate akathisia --days 7 --out week --clock-change spring
    """
    if days is not None:
        if rem_tonic is not None or rem_phasic is not None:
            from psgkit.errors import SettingsError

            raise SettingsError("--rem-tonic, --rem-phasic", "--days with them", "a night")
        _simulate_days(kind, out, seed, (days, clock_change, sensors))
        return
    if clock_change != "none":
        from psgkit.errors import SettingsError

        raise SettingsError("--clock-change", "no --days", "--days with it")
    from psgkit.cli.options import busy
    from psgkit.errors import SettingsError
    from psgkit.simulate import SimulationOptions, simulate_night, write_night
    from psgkit.simulate.plan.options import ALL_SENSORS

    if hours > _MOST_HOURS:
        raise SettingsError("--hours", f"{hours:g}", f"at most {_MOST_HOURS:g}")
    with busy(f"simulating {hours:g} h"):
        try:
            night = simulate_night(
                kind,
                hours=hours,
                seed=seed,
                options=SimulationOptions(
                    rate_hz=rate,
                    emg=emg,
                    sensors=ALL_SENSORS if sensors is None else sensors,
                    rem_tonic_share=rem_tonic,
                    rem_phasic_per_min=rem_phasic,
                ),
            )
        except ValueError as error:
            raise SettingsError("simulate", str(error), "a night that can be simulated") from None
        written = _written(lambda: write_night(night, out), out)
    _say(written)


def _simulate_days(kind: str, out: Path, seed: int, wanted: tuple[int, str, str | None]) -> None:
    from psgkit.cli.options import busy
    from psgkit.errors import SettingsError
    from psgkit.simulate import DayChoice, simulate_days, write_days
    from psgkit.simulate.week.walk import DAY_PLACES

    days, clock_change, sensors = wanted
    places = DAY_PLACES if sensors is None else tuple(sensors.split("+"))
    with busy(f"simulating {days} days"):
        try:
            choice = DayChoice(days=days, clock_change=clock_change, places=places)
            week = simulate_days(kind, seed=seed, choice=choice)
        except ValueError as error:
            raise SettingsError("simulate", str(error), "days that can be simulated") from None
        written = _written(lambda: write_days(week, out), out)
    _say(written)


def _written(write: Callable[[], dict[str, Path]], out: Path) -> dict[str, Path]:
    """Return what was written, or raise the error of a folder that cannot be written to."""
    from psgkit.errors import SettingsError

    try:
        return write()
    except OSError as error:
        found = error.strerror or "an error"
        raise SettingsError(str(out), found, "a folder that can be written to") from None


def _say(written: dict[str, Path]) -> None:
    say(*(f"wrote {path}" for path in written.values()))
