"""Apply the limb-movement rule to an amplitude and its resting level.

Amplitude in, intervals out.  Legs, sleep stages and series play no part here.

Conventions: intervals are half-open ``[start, stop)`` sample pairs, shape ``(n, 2)``, sorted and
disjoint; amplitudes are microvolts; durations are seconds.
"""

from dataclasses import field, fields, replace

import numpy as np
from numpy.typing import NDArray

from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.intervals import (
    Intervals,
    complement,
    contains,
    drop_shorter_than,
    intersect,
    no_intervals,
    runs_of_true,
    union,
)
from psgkit.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActivityRuns:
    """The amplitude as the rule needs it: runs of samples on either side of the thresholds.

    Attributes
    ----------
    low : Intervals
        At or below the offset threshold.
    reached : Intervals
        At or above the onset threshold.
    sustained : Intervals
        Samples at which a window of ``morphology_s`` starts that passes the morphology test.
    unusable : Intervals
        Masked; no movement extends into it.
    spikes : Intervals
        Where single samples reach the onset threshold, near ones joined; weak heart beats show
        here but not in the amplitude.
    """

    low: Intervals
    reached: Intervals
    sustained: Intervals
    unusable: Intervals
    spikes: Intervals = field(default_factory=no_intervals)

    @classmethod
    def joined(cls, parts: "list[ActivityRuns]") -> "ActivityRuns":
        """Return the runs of consecutive stretches as if they had been measured in one."""
        if not parts:
            return cls(
                low=no_intervals(),
                reached=no_intervals(),
                sustained=no_intervals(),
                unusable=no_intervals(),
            )
        columns = {f.name: [getattr(part, f.name) for part in parts] for f in fields(cls)}
        return cls(
            low=union(*columns["low"]),
            reached=union(*columns["reached"]),
            sustained=union(*columns["sustained"]),
            unusable=union(*columns["unusable"]),
            spikes=union(*columns["spikes"]),
        )

    def moved(self, samples: int, unusable: Intervals) -> "ActivityRuns":
        """Return the runs ``samples`` later, with an unusable mask that moves with them."""
        return ActivityRuns(
            low=self.low + samples,
            reached=self.reached + samples,
            sustained=self.sustained + samples,
            unusable=unusable + samples,
            spikes=self.spikes + samples,
        )

    def without(self, spans: Intervals) -> "ActivityRuns":
        """Return the runs with the amplitude low and without spikes throughout ``spans``.

        Movements beside ``spans`` keep their edges as long as quiet lies in between.
        """
        if not len(spans):
            return self
        spikes = self.spikes[~contains(spans, self.spikes.mean(axis=1))]
        return replace(self, low=union(self.low, spans), spikes=spikes)


@dataclass(frozen=True, kw_only=True, slots=True)
class LimbMovementRule:
    """When surface EMG is a limb movement.

    WASM 2016 (Ferri et al., Sleep Med 26:86-95), AASM 2007 and later, and WASM 2006 (Zucconi et
    al., Sleep Med 7:175-183) agree on the first four numbers; the fifth and sixth are the
    morphology test of WASM 2016 for computer detection.  All are confirmed second-hand, by a
    published comparison table and three implementations.

    The literal rule is about rectified samples.  On real noise "below rest + 2 uV for 0.5 s" never
    comes true sample by sample once resting EMG exceeds about 0.6 uV rms, so amplitude is read from
    short centred means of the rectified signal; their lengths are psgkit's own choice.

    Attributes
    ----------
    onset_above_rest_uv : float
        An LM starts where the amplitude reaches rest plus this, included.
    offset_above_rest_uv : float
        Quiet is at or below rest plus this.
    offset_hold_s : float
        An LM ends at the start of a quiet stretch of at least this length.
    min_duration_s : float
        Shorter is no LM; exactly this long is one.
    morphology_above_rest_uv, morphology_s : float
        In some stretch of this length the median amplitude must lie at least this far above rest.
        0 switches the test off.
    amplitude_window_s : float
        Length of the mean that is compared with the thresholds.
    edge_window_s : float
        Length of the mean that places the end within that window; the onset is the first sample
        that reaches its threshold.
    quiet_share_of_rest, onset_share_of_rest, morphology_share_of_rest : float
        Loud rest: the offset, onset and morphology thresholds lie at least this share of the
        resting level above it.  Means of resting EMG scatter by a fifth of their level (0.1 s of
        10-100 Hz), so that 2 uV lie inside the scatter of a rest above 4 uV, and rest never ends a
        movement.  0 keeps the microvolts of the standard.  psgkit's own choice.
    """

    onset_above_rest_uv: float = 8.0
    offset_above_rest_uv: float = 2.0
    offset_hold_s: float = 0.5
    min_duration_s: float = 0.5
    morphology_above_rest_uv: float = 2.0
    morphology_s: float = 0.5
    amplitude_window_s: float = 0.1
    edge_window_s: float = 0.02
    quiet_share_of_rest: float = 0.6
    onset_share_of_rest: float = 0.8
    morphology_share_of_rest: float = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)
        if not 0 < self.offset_above_rest_uv < self.onset_above_rest_uv:
            raise ValueError(
                "offset threshold must be positive and below the onset threshold, got "
                f"{self.offset_above_rest_uv} and {self.onset_above_rest_uv} uV"
            )
        if not 0 < self.edge_window_s <= self.amplitude_window_s < self.offset_hold_s:
            raise ValueError(
                "windows must satisfy 0 < edge_window_s <= amplitude_window_s < offset_hold_s, got "
                f"{self.edge_window_s}, {self.amplitude_window_s} and {self.offset_hold_s} s"
            )
        if self.min_duration_s <= 0 or self.morphology_s <= 0 or self.morphology_above_rest_uv < 0:
            raise ValueError(f"durations must be positive and amplitudes not negative, got {self}")
        if not 0 <= self.quiet_share_of_rest <= self.onset_share_of_rest:
            raise ValueError(
                "shares of rest must satisfy 0 <= quiet_share_of_rest <= onset_share_of_rest, got "
                f"{self.quiet_share_of_rest} and {self.onset_share_of_rest}"
            )

    def thresholds(
        self, rest_uv: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the offset and the onset threshold at each resting level.

        Examples
        --------
        >>> off, on = LimbMovementRule().thresholds(np.array([1, 10], dtype=np.float32))
        >>> off.tolist(), on.tolist()
        ([3.0, 16.0], [9.0, 18.0])
        """
        return (
            _above(rest_uv, self.offset_above_rest_uv, self.quiet_share_of_rest),
            _above(rest_uv, self.onset_above_rest_uv, self.onset_share_of_rest),
        )

    def morphology_threshold(self, rest_uv: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the threshold of the morphology test at each resting level."""
        return _above(rest_uv, self.morphology_above_rest_uv, self.morphology_share_of_rest)


def _above(rest_uv: NDArray[np.float32], least_uv: float, share: float) -> NDArray[np.float32]:
    """Return rest plus ``least_uv``, or plus a share of it where that is more."""
    more = rest_uv * np.float32(share)
    np.maximum(more, np.float32(least_uv), out=more)
    more += rest_uv
    return more


def activity_runs(
    amplitude_uv: NDArray[np.floating], rest_uv: NDArray[np.floating], rule: LimbMovementRule
) -> ActivityRuns:
    """Return the runs of one amplitude that serves onset and quiet alike; no morphology test.

    The plain form of the rule, for examples and tests; ``EmgMeter`` (``stretch.py``) compares the
    amplitudes of recordings.
    """
    above_rest = amplitude_uv - rest_uv
    return ActivityRuns(
        low=runs_of_true(above_rest <= rule.offset_above_rest_uv),
        reached=runs_of_true(above_rest >= rule.onset_above_rest_uv),
        sustained=np.array([[0, len(amplitude_uv)]]),
        unusable=no_intervals(),
    )


def find_limb_movements(
    runs: ActivityRuns, n_samples: int, rate_hz: float, rule: LimbMovementRule
) -> Intervals:
    """Return the limb movements, sample pairs of shape ``(n, 2)``.

    A stretch is *quiet* if the amplitude stays at or below the offset threshold for at least
    ``offset_hold_s``.  What lies between quiet and unusable stretches is *active*.  An LM starts
    at the first sample of an active stretch that reaches the onset threshold and stops where the
    stretch does.  It must last ``min_duration_s`` and contain a window that passes the morphology
    test.

    Examples
    --------
    >>> amplitude = np.array([0.0, 0, 9, 9, 9, 0, 0, 0, 0])
    >>> rule = LimbMovementRule()
    >>> runs = activity_runs(amplitude, np.zeros(9), rule)
    >>> find_limb_movements(runs, 9, 4.0, rule).tolist()
    [[2, 5]]
    """
    usable = complement(runs.unusable, 0, n_samples)
    low = intersect(runs.low, usable)
    quiet = drop_shorter_than(samples_at_least(rule.offset_hold_s, rate_hz), low)
    active = complement(union(quiet, runs.unusable), 0, n_samples)

    # the first run above the threshold that ends within the active stretch or after it
    row = np.searchsorted(runs.reached[:, 1], active[:, 0], side="right")
    begins = np.append(runs.reached[:, 0], n_samples)[row]
    onsets = np.maximum(begins, active[:, 0])
    movements = np.column_stack((onsets, active[:, 1]))[onsets < active[:, 1]]
    movements = drop_shorter_than(samples_at_least(rule.min_duration_s, rate_hz), movements)
    return movements[_holds_window(movements, runs.sustained, rate_hz, rule)]


def _holds_window(
    movements: Intervals, sustained: Intervals, rate_hz: float, rule: LimbMovementRule
) -> NDArray[np.bool_]:
    """Return whether a window that passes the morphology test lies within each movement."""
    # windows start on a grid, so one that is off by a grid step still belongs to the movement
    grid = samples_at_least(rule.edge_window_s, rate_hz)
    window = samples_at_least(rule.morphology_s, rate_hz)
    earliest = movements[:, 0] - grid
    latest = np.maximum(movements[:, 1] - window, movements[:, 0]) + grid
    # the first run of window starts that ends after the movement began must begin in time
    begins = np.append(sustained[:, 0], np.iinfo(np.int64).max)
    row = np.searchsorted(sustained[:, 1], earliest, side="right")
    return np.asarray(begins[row] <= latest)
