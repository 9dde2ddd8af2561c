"""Shares of a channel that are flat, saturated or mostly mains hum, from samples of it.

Up to 60 stretches of 10 s, spread evenly over the recording, give the shares to a few percent.
``psgkit report`` examines every sample of the channels it scores.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.usable import UsableRule, read_stretch
from psgkit.core.dataclass import dataclass
from psgkit.core.recording import Channel
from psgkit.core.signal import Signal

STRETCH_S = 10.0
STRETCHES_AT_MOST = 60
STRETCH_SAMPLES_AT_MOST = 2**17
"""At rates above 13 kHz a stretch is shorter, so that all of them together take 32 MB."""
MAINS_HZ = (50.0, 60.0)
NO_ELECTRODE = ("marker", "device", "impedance")
"""Roles of channels that may be constant."""
_LINE_WIDTH_HZ = 1.0
_HIGHEST_SHARE_OF_RATE = 0.45
_LOWEST_HZ = dict.fromkeys(("leg", "arm", "trunk", "chin", "emg"), 10.0)
_LOWEST_ELSE_HZ = 0.5
"""Lowest frequency of the signal that hum is compared with: EMG has no power below 10 Hz."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Shares of the time examined, 0 to 1; None if a share does not apply.

    Attributes
    ----------
    looked_at_s : float
        Length of all stretches together.
    flat, saturated : float or None
        Equal samples for a second, samples at the limit for 0.2 s; None unless the channel is the
        voltage of an electrode.
    mains : float or None
        Stretches in which 50 or 60 Hz exceeds all other power; None if the rate is too low.
    mains_hz : float or None
        50 or 60, the more frequent of the two.
    is_constant : bool
        Whether all samples examined are equal.
    """

    looked_at_s: float = 0.0
    flat: float | None = None
    saturated: float | None = None
    mains: float | None = None
    mains_hz: float | None = None
    is_constant: bool = False


def shares_of(channel: Channel, recorded_s: float) -> Shares:
    """Return the shares of ``channel``, of which ``recorded_s`` were recorded.

    Examples
    --------
    >>> dead = Channel(label="LAT", rate_hz=200.0, samples=np.zeros(12000), unit="uV")
    >>> shares_of(dead, 60.0).flat
    1.0
    """
    if not recorded_s or not len(channel.samples):
        return Shares()
    rule, whole = UsableRule(), _whole(channel)
    read = [read_stretch(whole, *at, rule) for at in _stretches(channel, recorded_s)]
    parts = [part for part, _ in read]
    n = sum(len(part) for part in parts)
    constant = bool(np.ptp([end for part in parts for end in (part.min(), part.max())]) == 0)
    found = Shares(looked_at_s=n / channel.rate_hz, is_constant=constant)
    if channel.unit != "uV" or channel.role in NO_ELECTRODE:
        return found
    flat = saturated = 0
    for _, runs in read:
        flat += int((runs.flat[:, 1] - runs.flat[:, 0]).sum())
        saturated += int((runs.saturated[:, 1] - runs.saturated[:, 0]).sum())
    line_hz = [_mains_hz(part, channel) for part in parts]
    measurable = MAINS_HZ[0] < _HIGHEST_SHARE_OF_RATE * channel.rate_hz
    return Shares(
        looked_at_s=found.looked_at_s,
        flat=flat / n,
        saturated=saturated / n,
        mains=sum(line > 0 for line in line_hz) / len(line_hz) if measurable else None,
        mains_hz=max(MAINS_HZ, key=line_hz.count) if any(line_hz) else None,
        is_constant=constant,
    )


def _whole(channel: Channel) -> Signal:
    """Return all samples of a channel as one signal, whatever its gaps."""
    return Signal(
        samples=channel.samples,
        rate_hz=channel.rate_hz,
        limits=channel.limits,
        electrodes=tuple(map(_whole, channel.electrodes)),
    )


def _stretches(channel: Channel, recorded_s: float) -> Iterator[tuple[int, int]]:
    """Yield the first and last sample of stretches of one length from all over the channel."""
    count = min(STRETCHES_AT_MOST, max(1, int(recorded_s / STRETCH_S)))
    n = len(channel.samples)
    size = min(n, STRETCH_SAMPLES_AT_MOST, max(1, int(STRETCH_S * channel.rate_hz)))
    # a channel slower than one sample per stretch has fewer samples than stretches
    for first in np.unique(np.linspace(0, n - size, count).astype(np.int64)).tolist():
        yield first, first + size


@lru_cache(maxsize=16)
def _taper(n: int) -> NDArray[np.float32]:
    return np.hanning(n).astype(np.float32)


def _mains_hz(part: NDArray[np.floating], channel: Channel) -> float:
    """Return the line frequency that is stronger than the rest of a stretch, 0 if none is."""
    highest_hz = _HIGHEST_SHARE_OF_RATE * channel.rate_hz
    if highest_hz <= MAINS_HZ[0] or len(part) < channel.rate_hz:
        return 0.0
    power = np.abs(np.fft.rfft((part - part.mean()) * _taper(len(part)))) ** 2
    at_hz = np.arange(len(power)) * channel.rate_hz / len(part)
    lowest_hz = _LOWEST_HZ.get(channel.role, _LOWEST_ELSE_HZ)
    total = float(power[(at_hz >= lowest_hz) & (at_hz <= highest_hz)].sum())
    for line_hz in MAINS_HZ:
        line = float(power[np.abs(at_hz - line_hz) <= _LINE_WIDTH_HZ].sum())
        if line_hz < highest_hz and 2 * line > total:
            return line_hz
    return 0.0
