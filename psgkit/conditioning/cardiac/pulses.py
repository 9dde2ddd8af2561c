"""Find brief pulses that stand alone: spikes of a pacemaker, pops; and bridge them.

The numbers are psgkit's own choice.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True, slots=True)
class PulseRule:
    """When a pulse is so brief and so far above what lies beside it that no tissue made it.

    Attributes
    ----------
    min_rate_hz : float
        At lower rates the peak of a QRS complex may be a single sample: nothing is a pulse.
    times_usual : float
        It bends the signal by this multiple of what is usual in the second around it.
    longest_s : float
        Longer pulses belong to a QRS complex or to a movement.
    half_s, beside_s, times_beside : float
        From ``half_s`` from its middle on, the signal spans less than the height of the spike, by
        this factor, for ``beside_s`` on both sides together.
    """

    min_rate_hz: float = 180.0
    times_usual: float = 8.0
    longest_s: float = 0.008
    half_s: float = 0.003
    beside_s: float = 0.008
    times_beside: float = 1.5

    def __post_init__(self) -> None:
        check_ranges(self)


def without_pulses(
    raw: NDArray[np.float32], rate_hz: float, rule: PulseRule
) -> NDArray[np.float32]:
    """Return samples with a straight line in place of each pulse.

    Examples
    --------
    >>> raw = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    >>> raw[500] += 100
    >>> bool(np.abs(without_pulses(raw, 250.0, PulseRule())).max() < 5)
    True
    """
    at = np.rint(pulses(raw, rate_hz, rule)).astype(np.int64)
    if not len(at):
        return raw
    gap = samples_at_least(rule.half_s, rate_hz)
    hidden = np.clip(at[:, None] + np.arange(-gap, gap + 1), 0, len(raw) - 1)
    kept = np.ones(len(raw), dtype=bool)
    kept[hidden.ravel()] = False
    out = raw.copy()
    places = np.flatnonzero(~kept)
    out[places] = np.interp(places, np.flatnonzero(kept), raw[kept])
    return out


def pulses(raw: NDArray[np.float32], rate_hz: float, rule: PulseRule) -> NDArray[np.float64]:
    """Return the middle of each brief pulse, in fractional samples."""
    longest = max(2, samples_at_least(rule.longest_s, rate_hz))
    if rate_hz < rule.min_rate_hz or len(raw) <= longest + 2:
        return np.empty(0)
    bend = np.abs(np.diff(raw, 2, prepend=raw[:1], append=raw[-1:]))
    second = samples_at_least(1.0, rate_hz)
    blocks = -(-len(bend) // second)
    padded = np.pad(bend, (0, blocks * second - len(bend)), mode="edge").reshape(blocks, second)
    usual = np.repeat(np.median(padded, axis=1), second)[: len(bend)]
    high = np.flatnonzero(bend > rule.times_usual * np.maximum(usual, 1e-12))
    if not len(high):
        return np.empty(0)
    apart = max(2, samples_at_least(rule.half_s, rate_hz))
    opens = np.append(0, np.flatnonzero(np.diff(high) > apart) + 1)
    closes = np.append(opens[1:], len(high)) - 1
    brief = high[closes] - high[opens] <= longest
    weights = bend[high].astype(np.float64)
    centre = np.add.reduceat(weights * high, opens) / np.add.reduceat(weights, opens)
    centre = centre[brief]
    return np.asarray(centre[_stand_alone(raw, np.rint(centre).astype(np.int64), rate_hz, rule)])


def _stand_alone(
    raw: NDArray[np.float32], at: NDArray[np.int64], rate_hz: float, rule: PulseRule
) -> NDArray[np.bool_]:
    """Return which pulses rise from a level that is the same before and after them.

    The peak of a QRS complex does not: its slopes last longer than a spike.
    """
    gap = samples_at_least(rule.half_s, rate_hz)
    beside = gap + np.arange(max(2, samples_at_least(rule.beside_s, rate_hz)))
    places = at[:, None] + np.concatenate((-beside[::-1], beside))
    around = raw[np.clip(places, 0, len(raw) - 1)]
    height = np.abs(raw[at] - np.median(around, axis=1))
    return np.asarray(height > rule.times_beside * np.ptp(around, axis=1))
