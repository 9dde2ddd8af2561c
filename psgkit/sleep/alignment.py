"""Align a hypnogram and the lights with the time of the recording."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from psgkit.core.bounds import SLACK_S
from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.core.night_report import RECORDING_END, RECORDING_START, Lights
from psgkit.errors import HypnogramError, SettingsError

_ROUNDED_S = 60.0
"""Lights are noted in minutes: so far outside the recording is not worth a caution."""
_LATEST_S = 1e9
"""Beyond this, and for what is no number, no date is shown."""
_MOST_EPOCHS_N = 1_000_000
"""Limit for memory and time: almost a year of 30 s epochs."""


def align(
    hypnogram: Hypnogram, duration_s: float, where: str = "hypnogram", *, own: bool = False
) -> Hypnogram:
    """Return the hypnogram over the whole recording, UNSCORED where it was not scored.

    The grid of epochs is kept, so the first and the last epoch may extend beyond the recording.
    ``own`` stages are annotated in the recording itself, which are never of another night.

    Raises
    ------
    HypnogramError
        If less than half of what it scores lies within the recording: it is of another night.

    Examples
    --------
    >>> align(Hypnogram.of(["N1", "N2"], start_s=30.0), 120.0).stages.tolist()
    ['UNSCORED', 'N1', 'N2', 'UNSCORED']
    """
    epoch_s, start_s = hypnogram.epoch_s, hypnogram.start_s
    first = int(np.floor(-start_s / epoch_s + SLACK_S))
    last = int(np.ceil((duration_s - start_s) / epoch_s - SLACK_S))
    if last - first > _MOST_EPOCHS_N:
        raise HypnogramError(
            where,
            f"epochs of {epoch_s:g} s over a recording of {duration_s:g} s",
            f"at most {_MOST_EPOCHS_N} epochs",
        )
    scored = np.flatnonzero(hypnogram.stages != UNSCORED)
    inside = scored[(scored >= first) & (scored < last)]
    if not own and len(scored) and 2 * len(inside) < len(scored):
        raise HypnogramError(
            where,
            f"{len(scored)} scored epochs from {start_s:g} s to {hypnogram.end_s:g} s, "
            f"{len(inside)} of them within the recording",
            f"stages of this recording, which lasts {duration_s:g} s",
            "It seems to be of another night.",
        )
    stages = np.full(max(last - first, 0), UNSCORED)
    stages[inside - first] = hypnogram.stages[inside]
    return replace(hypnogram, stages=stages, start_s=start_s + first * epoch_s)


def outside_findings(
    hypnogram: Hypnogram, duration_s: float, where: str = "hypnogram"
) -> tuple[Finding, ...]:
    """Return the finding that scored epochs lie outside the recording, with their number.

    Examples
    --------
    >>> outside_findings(Hypnogram.of(["N1", "N2", "W"]), 60.0)[0].message
    '1 of 3 scored epochs lie outside the recording of 1 min and are left out'
    """
    starts_s = hypnogram.epoch_starts_s()
    scored = hypnogram.stages != UNSCORED
    late = starts_s > duration_s - SLACK_S
    early = starts_s + hypnogram.epoch_s < SLACK_S
    n_outside, n = int((scored & (late | early)).sum()), int(scored.sum())
    if not n_outside:
        return ()
    message = translatable(
        f"{n_outside} of {n} scored epochs lie outside the recording of {duration_s / 60:.0f} min "
        "and are left out"
    )
    return (Finding("warning", "stages.outside", where, message),)


def find_lights(
    events: Events,
    duration_s: float,
    off_s: float | None,
    on_s: float | None,
    start: datetime | None = None,
) -> Lights:
    """Return the analysis window: from options, else scored lights, else the recording's ends.

    A scored event up to a minute outside the recording is its end.

    Raises
    ------
    SettingsError
        If lights on does not come after lights off, the window misses the recording, or an option
        lies outside it.
    """
    if duration_s:
        _refuse_outside("lights off", off_s, duration_s, start)
        _refuse_outside("lights on", on_s, duration_s, start)
    off, off_source = _light(events, "lights_off", off_s, 0.0, RECORDING_START)
    on, on_source = _light(events, "lights_on", on_s, duration_s, RECORDING_END)
    if duration_s and not (off < on and off < duration_s and on > 0):
        raise SettingsError(
            "lights",
            f"off at {off:g} s ({off_source}), on at {on:g} s ({on_source})",
            f"off before on, within the recording of {duration_s:g} s",
        )
    off = max(off, 0.0) if off > -_ROUNDED_S else off
    on = min(on, duration_s) if on < duration_s + _ROUNDED_S else on
    if off < 0:
        off, off_source = 0.0, translatable(f"{RECORDING_START}; {off_source} lies before it")
    if on > duration_s:
        on, on_source = duration_s, translatable(f"{RECORDING_END}; {on_source} lies after it")
    return Lights(off_s=off, on_s=on, off_source=off_source, on_source=on_source)


def _refuse_outside(
    what: str, typed_s: float | None, duration_s: float, start: datetime | None
) -> None:
    """Raise for lights that were typed and lie outside the recording."""
    if typed_s is None or -SLACK_S <= typed_s <= duration_s + SLACK_S:
        return
    option = f"--{what.replace(' ', '-')}"
    if start is None or not abs(typed_s) < _LATEST_S:
        end = f"{duration_s:.0f}" if what == "lights on" else "0"
        found, wanted = f"{typed_s:g} s", f"seconds from 0 to {duration_s:.0f}"
    else:
        at, last = (start + timedelta(seconds=s) for s in (typed_s, duration_s))
        found = f"{typed_s:g} s ({at:%Y-%m-%d %H:%M:%S})"
        wanted = f"a time of the recording, from {start:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S}"
        end = f"{last if what == 'lights on' else start:%H:%M}"
    raise SettingsError(
        what,
        found,
        wanted,
        f"Write {option} {end} for the end of the recording, or leave it out."
        if what == "lights on"
        else f"Write {option} {end} for its start, or leave it out.",
    )


def _light(
    events: Events, kind: str, option_s: float | None, end_s: float, end_name: str
) -> tuple[float, str]:
    if option_s is not None:
        return option_s, "option"
    found = events.of_kind([kind])
    if not len(found):
        return end_s, end_name
    # lights may go off and on again in the night: first off, last on
    return float(found.onset_s[0 if kind == "lights_off" else -1]), translatable("scored event")
