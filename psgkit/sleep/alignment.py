"""Align a hypnogram and the lights with the time of the recording."""

import numpy as np

from psgkit.core.bounds import SLACK_S
from psgkit.core.events import Events
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.message import translatable
from psgkit.core.night_report import RECORDING_END, RECORDING_START, Lights
from psgkit.errors import HypnogramError, SettingsError

_MOST_EPOCHS_N = 1_000_000
"""Limit for memory and time: almost a year of 30 s epochs."""


def align(hypnogram: Hypnogram, duration_s: float, where: str = "hypnogram") -> Hypnogram:
    """Return the hypnogram over the whole recording, UNSCORED where it was not scored.

    The grid of epochs is kept, so the first and the last epoch may extend beyond the recording.

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
    if len(scored) and 2 * len(inside) < len(scored):
        raise HypnogramError(
            where,
            f"{len(scored)} scored epochs from {start_s:g} s to {hypnogram.end_s:g} s, "
            f"{len(inside)} of them within the recording",
            f"stages of this recording, which lasts {duration_s:g} s",
            "It seems to be of another night.",
        )
    stages = np.full(max(last - first, 0), UNSCORED)
    stages[inside - first] = hypnogram.stages[inside]
    return Hypnogram.of(stages, epoch_s, start_s + first * epoch_s)


def find_lights(
    events: Events, duration_s: float, off_s: float | None, on_s: float | None
) -> Lights:
    """Return the analysis window: from options, else scored lights, else the recording's ends.

    Raises
    ------
    SettingsError
        If lights on does not come after lights off, or the window misses the recording.
    """
    off, off_source = _light(events, "lights_off", off_s, 0.0, RECORDING_START)
    on, on_source = _light(events, "lights_on", on_s, duration_s, RECORDING_END)
    typed = [t for t in (off_s, on_s) if t is not None]
    early = min(typed, default=0.0) < -SLACK_S
    if duration_s and (early or not (off < on and off < duration_s and on > 0)):
        raise SettingsError(
            "lights",
            f"off at {off:g} s ({off_source}), on at {on:g} s ({on_source})",
            f"off before on, within the recording of {duration_s:g} s",
        )
    if off < 0:
        off, off_source = 0.0, translatable(f"{RECORDING_START}; {off_source} lies before it")
    if on > duration_s:
        on, on_source = duration_s, translatable(f"{RECORDING_END}; {on_source} lies after it")
    return Lights(off_s=off, on_s=on, off_source=off_source, on_source=on_source)


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
