"""Find the spikes of a pacemaker: brief pulses at a fixed distance from the beats they cause.

A spike lasts 2 ms or less, a few samples of any recorder, and stands far above the changes of
neighbouring samples around it.  Pops do as well; those of a pacemaker come before a good share of
the beats, always by the same time.  A chamber that is paced has a distance of its own, and a spike
of its own shape, so spikes are returned by distance.  The numbers are psgkit's own choice.
"""

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.cardiac.beats import Beats
from psgkit.conditioning.cardiac.pulses import PulseRule, pulses
from psgkit.conditioning.emg.usable import UsableRule, read_stretch
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import contains
from psgkit.core.ranges import check_ranges
from psgkit.core.signal import Signal

_STRETCH_S = 600.0
_MARGIN_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SpikeRule:
    """When a pulse is the spike of a pacemaker.

    Attributes
    ----------
    pulses : PulseRule
    before_s, after_s : float
        How long before a beat, and how long after it, the spikes of both chambers may lie.
    within_s : float
        Spikes of one chamber differ by less than this in their distance from the beat.
    joined_s : float
        Spikes up to this long before a beat share its template; others have one of their own.
    min_share, min_spikes : float, int
        Least share of the beats of a stretch with a spike at one distance, and least number.
    """

    pulses: PulseRule = field(default_factory=PulseRule)
    before_s: float = 0.35
    after_s: float = 0.05
    within_s: float = 0.03
    joined_s: float = 0.1
    min_share: float = 0.1
    min_spikes: int = 8

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PacedBeats:
    """Beats of a heart with a pacemaker, by what their templates hold; seconds, sorted.

    Attributes
    ----------
    paced_s : array
        Beats that a spike just before them caused, timed by the spike: both in one template.
    own_s : array
        Beats without a spike near them, which have another shape.
    apart_s : tuple of arrays
        Spikes of a chamber that comes long before the beat, an atrium: a template of their own.
    """

    paced_s: NDArray[np.float64]
    own_s: NDArray[np.float64]
    apart_s: tuple[NDArray[np.float64], ...]


def paced_beats(signal: Signal, beats: Beats, rule: SpikeRule) -> PacedBeats | None:
    """Return the beats by the spikes in ``signal``, or None without a pacemaker.

    Examples
    --------
    >>> at = np.arange(60 * 250)
    >>> noise = np.random.default_rng(0).standard_normal(len(at))
    >>> paced = Signal(samples=noise + 200 * (at % 400 == 50), rate_hz=250.0)
    >>> beats = Beats(times_s=np.arange(0.25, 60, 0.8), covered=np.array([[0.0, 60.0]]))
    >>> found = paced_beats(paced, beats, SpikeRule())
    >>> len(found.paced_s), len(found.own_s), found.paced_s[:2].round(2).tolist()
    (38, 37, [0.25, 1.85])
    """
    chambers = find_spikes(signal, beats, rule)
    if not chambers:
        return None
    times_s, paced = beats.times_s.copy(), np.zeros(len(beats.times_s), dtype=bool)
    apart = []
    for spikes_s in chambers:
        row = np.searchsorted(beats.times_s, spikes_s - rule.after_s)
        lag_s = float(np.median(spikes_s - beats.times_s[row]))
        if -lag_s > rule.joined_s:
            apart.append(spikes_s)
            continue
        # two spikes of one beat, as of both ventricles: the first found keeps the time
        first = ~paced[row]
        times_s[row[first]] = spikes_s[first] - lag_s
        paced[row] = True
    return PacedBeats(paced_s=np.sort(times_s[paced]), own_s=times_s[~paced], apart_s=tuple(apart))


def find_spikes(signal: Signal, beats: Beats, rule: SpikeRule) -> tuple[NDArray[np.float64], ...]:
    """Return the times of the spikes of each paced chamber, seconds; nothing without a pacemaker.

    Examples
    --------
    >>> at = np.arange(60 * 250)
    >>> noise = np.random.default_rng(0).standard_normal(len(at))
    >>> paced = Signal(samples=noise + 200 * (at % 200 == 50), rate_hz=250.0)
    >>> beats = Beats(times_s=np.arange(0.25, 60, 0.8), covered=np.array([[0.0, 60.0]]))
    >>> [len(times_s) for times_s in find_spikes(paced, beats, SpikeRule())]
    [75]
    """
    rate_hz, n = signal.rate_hz, len(signal.samples)
    core, margin = (samples_at_least(s, rate_hz) for s in (_STRETCH_S, _MARGIN_S))
    found = [np.empty(0)]
    for first in range(0, n, core):
        low, high = max(0, first - margin), min(n, first + core + margin)
        raw, unusable = read_stretch(signal, low, high, UsableRule())
        at = low + pulses(np.asarray(raw, dtype=np.float32), rate_hz, rule.pulses)
        at = at[~contains(unusable.runs() + low, at)]
        found.append(at[(at >= first) & (at < first + core)])
    times_s = signal.start_s + np.concatenate(found) / rate_hz
    return _of_chambers(times_s, beats.times_s, rule)


def _of_chambers(
    spikes_s: NDArray[np.float64], beats_s: NDArray[np.float64], rule: SpikeRule
) -> tuple[NDArray[np.float64], ...]:
    """Return the spikes at each distance from beats that recurs."""
    if not len(beats_s) or not len(spikes_s):
        return ()
    row = np.searchsorted(beats_s, spikes_s - rule.after_s)
    inside = row < len(beats_s)
    spikes_s, row = spikes_s[inside], row[inside]
    lag_s = spikes_s - beats_s[row]
    near = lag_s >= -rule.before_s
    spikes_s, lag_s = spikes_s[near], lag_s[near]
    chambers = []
    least = max(rule.min_spikes, rule.min_share * len(beats_s))
    while len(lag_s):
        order = np.sort(lag_s)
        count = np.searchsorted(order, order + rule.within_s) - np.arange(len(order))
        fullest = int(count.argmax())
        if count[fullest] < least:
            break
        own = (lag_s >= order[fullest]) & (lag_s < order[fullest] + rule.within_s)
        chambers.append(spikes_s[own])
        spikes_s, lag_s = spikes_s[~own], lag_s[~own]
    return tuple(chambers)
