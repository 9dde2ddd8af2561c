"""Collect the signals around the movements of a night while its recording is open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psgkit.core.excerpts import (
    MISSING,
    ExcerptChannel,
    SignalExcerpts,
    Trace,
    encoded,
    seconds_in,
    window_around,
)
from psgkit.core.intervals import Intervals, union
from psgkit.core.night_report import NightReport
from psgkit.core.recording import Channel, Recording
from psgkit.detect.accelerometer.channels import accelerometers, choose_accelerometers
from psgkit.detect.emg.channels import EMG_GROUPS, choose_channels
from psgkit.detect.emg.ecg import AskedHearts
from psgkit.detect.trace import Seen, emg_seen, sensor_seen
from psgkit.io.bridge import as_recording
from psgkit.settings import Settings

if TYPE_CHECKING:
    import mne

_LENGTH_S = 30.0
"""What a scorer sees of a signal at once: an epoch."""
_RATES_HZ = (20.0, 10.0, 5.0)
_SLOW_HZ = 1.0
MOST_CODES = 8_000_000
"""Codes kept at most; they shrink to a fifth when packed."""
_EMG_UV, _MOTION_G = 0.05, 4e-5
"""Scales: the largest values that can be shown are 800 uV and 0.6 g."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExcerptPlan:
    """Which seconds are kept, and how many values of each."""

    windows: Intervals
    rate_hz: float
    left_out_n: int

    def starts_s(self, rate_hz: float) -> NDArray[np.float64]:
        """Return when each value begins, window after window."""
        parts = [np.arange(a * rate_hz, b * rate_hz) for a, b in self.windows.tolist()]
        return np.concatenate([np.empty(0), *parts]) / rate_hz


def signal_excerpts(
    recording: "Recording | mne.io.BaseRaw",
    report: NightReport,
    settings: Settings | None = None,
) -> SignalExcerpts:
    """Return 30 s of every used channel around each movement, as the detector saw them.

    Parameters
    ----------
    recording : Recording or mne.io.Raw
        The one the report is of.
    report : NightReport
    settings : Settings, optional
        Those of the report.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> found = signal_excerpts(night.recording, analyse_night(night.recording))
    >>> [channel.label for channel in found.channels]
    ['LAT', 'RAT']
    """
    settings = settings or Settings()
    chosen = as_used(as_recording(recording), report, settings)
    limbs = [
        channel
        for role in EMG_GROUPS.values()
        for channel in chosen.with_role(role)
        if channel.status == "used"
    ]
    sensors = accelerometers(chosen)
    plan = excerpt_plan(report, len(limbs) + len(sensors))
    if not len(plan.windows):
        return SignalExcerpts(left_out_n=plan.left_out_n)
    asked = AskedHearts(chosen, settings.emg.heart)
    found = [_limb(channel, chosen, (report, plan), settings, asked) for channel in limbs]
    for sensor in sensors:
        seen = sensor_seen(sensor, plan.windows, settings.accelerometer)
        found.append(
            ExcerptChannel(
                label=", ".join(sensor.labels),
                place=sensor.name,
                unit="g",
                scale=_MOTION_G,
                traces=_traces(seen, plan, _MOTION_G, ("high",)),
                rows=_rows_of(report, sensor.labels[0], "accelerometer"),
            )
        )
    return SignalExcerpts(windows=plan.windows, channels=tuple(found), left_out_n=plan.left_out_n)


def as_used(recording: Recording, report: NightReport, settings: Settings) -> Recording:
    """Return the recording with the channels used that the report says were used."""
    chosen = choose_channels(recording, settings.emg)
    chosen = choose_accelerometers(chosen, settings.accelerometer)
    used = {channel.label for channel in report.channels if channel.status == "used"}
    refused = {
        channel.label: replace(channel, status="refused")
        for channel in chosen.channels
        if channel.status == "used" and channel.label not in used
    }
    return chosen.with_channels(refused)


def _limb(
    channel: Channel,
    recording: Recording,
    night: tuple[NightReport, ExcerptPlan],
    settings: Settings,
    asked: AskedHearts,
) -> ExcerptChannel:
    """Return the excerpts of one EMG channel."""
    report, plan = night
    group = next(name for name, role in EMG_GROUPS.items() if role == channel.role)
    filtered = group in settings.emg.heart.groups

    def seen() -> Iterator[Seen]:
        for row, signal in enumerate(recording.signals(channel)):
            heart = asked.hearts().filter_of(signal, row) if filtered else None
            yield from emg_seen(signal, plan.windows, settings.emg, heart)

    return ExcerptChannel(
        label=channel.label,
        place=str(channel.site),
        unit="uV",
        scale=_EMG_UV,
        traces=_traces(seen(), plan, _EMG_UV, ("low", "high")),
        rows=_rows_of(report, channel.label, "emg"),
    )


def excerpt_plan(report: NightReport, n_channels: int) -> ExcerptPlan:
    """Return which seconds are kept: all around every movement, if that is not too much.

    A longer night is kept more coarsely; then not every movement is kept, but some of all of it.
    """
    found = report.movements.movements
    every = window_around(found.onset_s, found.end_s, _LENGTH_S)
    last_s = max(1, int(np.ceil(report.duration_s)))
    every = np.clip(every, 0, last_s)
    measured = np.flatnonzero(found.modality != "scored") if n_channels else np.empty(0, np.int64)
    rates, thin = list(_RATES_HZ), 1
    while True:
        kept = measured[::thin]
        windows = union(every[kept]) if len(kept) else every[:0]
        codes = seconds_in(windows) * n_channels * 3 * (rates[0] + _SLOW_HZ)
        if codes <= MOST_CODES:
            break
        if len(rates) > 1:
            rates.pop(0)
        else:
            thin *= 2
    inside = np.searchsorted(windows[:, 0], found.onset_s[measured], side="right") - 1
    shown = found.onset_s[measured] < np.append(windows[:, 1], 0)[inside]
    return ExcerptPlan(windows=windows, rate_hz=rates[0], left_out_n=int((~shown).sum()))


def _rows_of(report: NightReport, label: str, modality: str) -> NDArray[np.int64]:
    """Return the movements that were seen in a channel."""
    found = report.movements.movements
    inside = [label in names for names in found.channels]
    return np.flatnonzero(np.array(inside, dtype=bool) & (found.modality == modality))


def _traces(
    stretches: Iterable[Seen], plan: ExcerptPlan, scale: float, bounds: tuple[str, ...]
) -> tuple[Trace, ...]:
    """Return the traces of a channel, decimated stretch by stretch."""
    fast, slow = plan.starts_s(plan.rate_hz), plan.starts_s(_SLOW_HZ)
    rates = dict.fromkeys((*bounds, "level"), plan.rate_hz) | dict.fromkeys(
        ("rest", "on", "off"), _SLOW_HZ
    )
    codes = {
        name: np.full(len(fast if rate == plan.rate_hz else slow), MISSING, dtype=np.int8)
        for name, rate in rates.items()
    }
    for seen in stretches:
        for name, own in codes.items():
            starts = fast if rates[name] == plan.rate_hz else slow
            here = slice(*np.searchsorted(starts, seen.core_s))
            found = _decimated(seen, name, starts[here], 1 / rates[name])
            own[here] = encoded(found, scale)
    return tuple(Trace(name=name, rate_hz=rates[name], codes=own) for name, own in codes.items())


def _decimated(
    seen: Seen, name: str, starts_s: NDArray[np.float64], length_s: float
) -> NDArray[np.floating]:
    """Return one value for each piece of ``length_s``: the smallest, the largest, or the middle."""
    if name in ("low", "high"):
        values, rate_hz = seen.samples, seen.rate_hz
    else:
        values, rate_hz = getattr(seen, name), seen.rate_hz / seen.step
    if not len(values):
        return np.full(len(starts_s), np.nan)
    at = (starts_s - seen.start_s) * rate_hz
    if name in ("rest", "on", "off"):
        middle = np.rint(at + length_s * rate_hz / 2).astype(np.int64)
        return np.asarray(values[np.clip(middle, 0, len(values) - 1)])
    first = np.clip(np.ceil(at - 1e-6).astype(np.int64), 0, len(values) - 1)
    last = np.clip(np.ceil(at + length_s * rate_hz - 1e-6).astype(np.int64), first + 1, len(values))
    pick = np.minimum if name == "low" else np.maximum
    edges = np.column_stack((first, last)).ravel()
    padded = np.append(values, values[-1:])
    return np.asarray(pick.reduceat(padded, edges)[::2]) if len(edges) else values[:0]
