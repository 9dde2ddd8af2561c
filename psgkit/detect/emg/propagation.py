"""Whether jerks of the trunk run along the spine, as in propriospinal myoclonus.

Jerks that spread up and down the spinal cord take 2 to 100 ms from one recorded level to the next
(5 to 15 m/s: second-hand, from reviews), which needs 1000 Hz and three levels to see an order.
"""

import re

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band, filter_zero_phase, mirror_ends, response_samples
from psgkit.core.bounds import SLACK_S, samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, contains, group_of_connected
from psgkit.core.message import translatable
from psgkit.core.movements import Movements
from psgkit.core.recording import Channel, Recording
from psgkit.core.regex import regex
from psgkit.core.signal import Signal
from psgkit.detect.emg.ecg import EcgBeats


@dataclass(frozen=True, kw_only=True, slots=True)
class PropagationRule:
    """When a jerk spreads along the spine.

    Attributes
    ----------
    min_rate_hz : float
    min_levels : int
    max_jerk_s : float
        Maximum duration of a jerk.
    min_delay_s, max_delay_s : float
        Between neighbouring levels, all in one direction.
    low_hz : float
        Lower edge of the band in which onsets are placed; the upper edge is 0.45 of the rate,
        because a narrow band blurs them.
    search_s : float
        An onset is searched for within this distance of the detected one.
    around_s : float
        Length of EMG on both sides from which the shape of heart beats is taken.
    cervical_m, thoracic_m, lumbar_m : float
        Height of a vertebra with its disc, psgkit's own assumption from usual adult lengths of the
        parts of the spine (12, 28 and 18 cm).  Speed is only as good as this.
    """

    min_rate_hz: float = 1000.0
    min_levels: int = 3
    max_jerk_s: float = 2.0
    min_delay_s: float = 0.002
    max_delay_s: float = 0.1
    low_hz: float = 20.0
    search_s: float = 0.12
    around_s: float = 15.0
    cervical_m: float = 0.017
    thoracic_m: float = 0.023
    lumbar_m: float = 0.036

    def height_m(self, level: float) -> float:
        """Return how far below the first cervical vertebra a level lies."""
        edges = np.array([1.0, 8.0, 20.0, 25.0])
        heights = (self.cervical_m, self.thoracic_m, self.lumbar_m)
        return float(np.interp(level, edges, np.append(0, np.cumsum(np.diff(edges) * heights))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Propagation:
    """How many jerks spread along the spine.

    Attributes
    ----------
    levels : tuple of str
        Labels of the channels, from the top down.
    jerks_n : int
        Jerks detected at all levels.
    propagated_n : int
        Of these, jerks that spread up or down.
    speed_m_s : float or None
        Median over them; distances between levels are assumed, not measured.
    reason : str
        Why propagation is not known; empty if it is.
    """

    levels: tuple[str, ...] = ()
    jerks_n: int = 0
    propagated_n: int = 0
    speed_m_s: float | None = None
    reason: str = ""

    @property
    def propagation_share(self) -> float | None:
        """Return the share of jerks that ran along the spine, None without jerks."""
        return self.propagated_n / self.jerks_n if self.jerks_n else None


_LEVEL = regex(r"(?<![a-z0-9])(c|th|t|d|l|s)\s?(\d{1,2})(?!\d)", re.IGNORECASE)
_PARTS = {"c": (0, 7), "t": (7, 12), "th": (7, 12), "d": (7, 12), "l": (19, 5), "s": (24, 1)}
"""Vertebrae above each part of the spine, and in it."""


def spinal_level(label: str) -> float | None:
    """Return the vertebra a label names, counted from the first cervical one; None without one.

    Examples
    --------
    >>> [spinal_level(label) for label in ("C7", "EMG T8", "Th12-L1", "Rectus")]
    [7.0, 15.0, 19.5, None]
    """
    found = []
    for part, number in _LEVEL.findall(label):
        above, many = _PARTS[part.lower()]
        if 1 <= int(number) <= many:
            found.append(above + int(number))
    return float(np.mean(found)) if found else None


def propagation(
    recording: Recording,
    movements: Movements,
    beats: EcgBeats | None,
    mask: Intervals | None = None,
    rule: PropagationRule | None = None,
) -> Propagation:
    """Return how many jerks of the trunk spread along the spine.

    Parameters
    ----------
    recording : Recording
        With the status of its channels.
    movements : Movements
        Of single trunk channels.
    beats : EcgBeats or None
        Heart beats, which are subtracted first.
    mask : Intervals, optional
        Seconds in which jerks count, such as wake and N1; everywhere by default.
    rule : PropagationRule, optional
    """
    rule = rule or PropagationRule()
    used = [c for c in recording.with_role("trunk") if c.status == "used"]
    known = {c.label: level for c in used if (level := spinal_level(c.label)) is not None}
    fast = [c for c in used if c.label in known and c.rate_hz >= rule.min_rate_hz]
    fast.sort(key=lambda channel: known[channel.label])
    n_levels = len({known[channel.label] for channel in fast})
    if n_levels < rule.min_levels or n_levels < len(fast):
        return Propagation(
            levels=tuple(c.label for c in fast),
            reason=_why_not(len(set(known.values())), n_levels, rule),
        )
    jerks = _jerks_at_all(movements, [channel.label for channel in fast], rule)
    if mask is not None:
        jerks = jerks[contains(mask, jerks.min(axis=1))]
    onsets = np.array([_onsets(recording, fast, row, beats, rule) for row in jerks])
    heights = np.array([rule.height_m(known[channel.label]) for channel in fast])
    return _judged(onsets.reshape(-1, len(fast)), heights, [c.label for c in fast], rule)


def _why_not(levels_n: int, fast_n: int, rule: PropagationRule) -> str:
    wanted = translatable(
        f"{rule.min_levels} trunk levels of at least {rule.min_rate_hz:g} Hz are needed"
    )
    if levels_n < rule.min_levels:
        return translatable(f"{wanted}, one channel each; labels name {levels_n}")
    if fast_n < rule.min_levels:
        return translatable(f"{wanted}; {fast_n} of {levels_n} levels have that rate")
    return translatable(f"{wanted}, one channel each; several channels are at one level")


def _jerks_at_all(
    movements: Movements, labels: list[str], rule: PropagationRule
) -> NDArray[np.float64]:
    """Return the onsets of jerks at each level, shape ``(n, n_levels)``."""
    level = np.array(
        [labels.index(c[0]) if c and c[0] in labels else -1 for c in movements.channels]
    )
    rows = np.flatnonzero(level >= 0) if len(level) else np.empty(0, dtype=np.int64)
    rows = rows[np.argsort(movements.onset_s[rows], kind="stable")]
    onset, end = movements.onset_s[rows], movements.end_s[rows]
    group = group_of_connected(onset, end)
    jerks = []
    for first, last in zip(*_bounds(group), strict=True):
        part = slice(first, last)
        here = level[rows[part]]
        brief = (end[part] - onset[part] <= rule.max_jerk_s + SLACK_S).all()
        if brief and sorted(here.tolist()) == list(range(len(labels))):
            jerks.append(onset[part][np.argsort(here)])
    return np.array(jerks).reshape(-1, len(labels))


def _bounds(group: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    edges = np.flatnonzero(np.diff(group, prepend=-1, append=-2)).tolist()
    return edges[:-1], edges[1:]


def _onsets(
    recording: Recording,
    channels: list[Channel],
    about_s: NDArray[np.float64],
    beats: EcgBeats | None,
    rule: PropagationRule,
) -> NDArray[np.float64]:
    """Return when a jerk begins at each level, seconds."""
    found = []
    for channel in channels:
        for row, signal in enumerate(recording.signals(channel)):
            if 0 <= about_s[0] - signal.start_s < signal.duration_s:
                found.append(_onset(signal, float(np.median(about_s)), beats, row, rule))
    return np.array(found)


def _onset(
    signal: Signal, about_s: float, beats: EcgBeats | None, segment: int, rule: PropagationRule
) -> float:
    rate_hz, n = signal.rate_hz, len(signal.samples)
    at = round((about_s - signal.start_s) * rate_hz)
    around, pad = samples_nearest(rule.around_s, rate_hz), response_samples(rate_hz)
    low, high = max(0, at - around), min(n, at + around)
    raw = np.nan_to_num(np.asarray(signal.samples[low:high]).astype(np.float32))
    band = Band(low_hz=rule.low_hz, high_hz=0.45 * rate_hz, order=2)
    filtered = filter_zero_phase(mirror_ends(raw, pad, pad), band, rate_hz)
    if beats is not None:
        filtered = beats.known_in(signal, segment).removed(filtered, low).samples
    reach = samples_nearest(rule.search_s, rate_hz)
    first = max(0, at - low - 2 * reach)
    return (
        signal.start_s + (low + first + change_point(filtered[first : at - low + reach])) / rate_hz
    )


def change_point(samples: NDArray[np.floating]) -> int:
    """Return where samples most likely become louder: the most likely split into two variances.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(400)
    >>> noise[250:] *= 10
    >>> abs(change_point(noise) - 250) < 5
    True
    """
    n = len(samples)
    power = np.cumsum(np.square(samples, dtype=np.float64))
    before = np.arange(1, n)
    total = np.maximum(power[-1], 1e-12)
    quiet = np.maximum(power[:-1], 1e-9 * total) / before
    loud = np.maximum(power[-1] - power[:-1], 1e-9 * total) / (n - before)
    cost = before * np.log(quiet) + (n - before) * np.log(loud)
    cost[loud <= quiet] = np.inf
    # the variance of a few samples is arbitrary
    edge = min(10, n // 4)
    return int(before[edge : n - edge][cost[edge : n - edge].argmin()])


def _judged(
    onsets: NDArray[np.float64],
    heights_m: NDArray[np.float64],
    labels: list[str],
    rule: PropagationRule,
) -> Propagation:
    delays = np.diff(onsets, axis=1)
    sizes = np.abs(delays)
    plausible = (sizes >= rule.min_delay_s - SLACK_S) & (sizes <= rule.max_delay_s + SLACK_S)
    one_way = (delays > 0).all(axis=1) | (delays < 0).all(axis=1)
    runs = plausible.all(axis=1) & one_way
    whole_s = np.abs(onsets[runs, -1] - onsets[runs, 0])
    speed = float(np.median((heights_m[-1] - heights_m[0]) / whole_s)) if runs.any() else None
    return Propagation(
        levels=tuple(labels),
        jerks_n=len(onsets),
        propagated_n=int(runs.sum()),
        speed_m_s=speed,
        reason=""
        if len(onsets)
        else translatable(f"no jerk of at most {rule.max_jerk_s:g} s at all levels"),
    )


def propagation_indices(found: Propagation) -> dict[str, Index]:
    """Return the indices of the propagation of jerks, by name.

    Examples
    --------
    >>> propagation_indices(Propagation(jerks_n=4, propagated_n=3))["propagation_share"].value
    0.75
    """
    share, speed = "propagation_share", "propagation_speed_m_s"
    no_speed = found.reason or translatable("no jerk ran along the spine")
    return {
        share: Index.share(share, found.propagated_n, found.jerks_n, otherwise=found.reason),
        speed: Index.plain(speed, found.speed_m_s, otherwise=no_speed),
    }
