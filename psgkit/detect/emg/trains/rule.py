"""The rule for rhythmic trains of bursts in limb EMG, as data."""

from dataclasses import field

from psgkit.core.bounds import Span
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges

_FEWEST = 3
"""Bursts around two intervals, the fewest that can be compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardiacTrainRule:
    """When brief bursts are heart beats and no train; the numbers are psgkit's own choice.

    Brief bursts at the pace of a heart are beats where that pace fills most of the surrounding
    minutes; a train ends within them.

    Attributes
    ----------
    max_burst_s : float
        A QRS complex, widened by filter and window, is shorter.
    interval_s : Span
        Heart rates from 40 to 150 a minute.
    max_change : float
        Largest ratio of neighbouring intervals, and of an interval to the median of the window.
    max_peak_change : float
        Largest ratio of the height of a beat to that of the median one.
    bin_s : float
        A bin of this length shows a heart if it holds two regular beats; movements may hide others.
    window_s : float
        Window most of which a heart fills and a train does not.
    min_share : float
        Least share of the bins of a window that show a heart.
    min_bursts : int
        Least bursts of a train where a heart shows, because beats on top of a faint movement look
        like some bursts.
    min_bins : int
        Least number of bins that show a heart, however short the recording.
    min_brief_in_bin : int
        Brief bursts in a bin, regular or not, from which the heart may leak.
    brief_min_bursts, brief_min_regularity : int, float
        Where it may, bursts no longer than ``odd_beat_s`` are a train only from this number and
        regularity on: an irregular heart is regular for some beats by chance.
    fastest_hz : float
        Faster brief bursts are no beats.
    odd_beat_s : float
        Longest beat of odd shape; its remains after subtraction lie within this time of it.
    """

    max_burst_s: float = 0.16
    interval_s: Span = field(default_factory=lambda: Span(low=0.4, high=1.5))
    max_change: float = 1.3
    max_peak_change: float = 1.5
    bin_s: float = 10.0
    window_s: float = 300.0
    min_share: float = 0.5
    min_bursts: int = 8
    min_bins: int = 6
    min_brief_in_bin: int = 3
    brief_min_bursts: int = 16
    brief_min_regularity: float = 0.85
    fastest_hz: float = 3.1
    odd_beat_s: float = 0.25

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmgRhythmRule:
    """When bursts of limb EMG are a rhythmic train and not separate limb movements.

    Sources.  At least 4 movements at 0.3-4.0 Hz make high-frequency leg movements (Yang and
    Winkelman, J Clin Sleep Med 2010; confirmed from the abstract).  The AASM manual gives the same
    two numbers and bursts of 250-1000 ms for hypnagogic foot tremor, and at least 4 alternating
    bursts of 100-500 ms at 0.5-3.0 Hz for alternating leg muscle activation (ALMA); these are
    quoted from memory of the manual and not confirmed, though a series of 375 patients with bursts
    of 300-700 ms at 1-2 Hz agrees.  All other numbers are psgkit's own choice.

    Regularity is one minus the coefficient of variation of the intervals between burst centres,
    never below 0.  Neither source asks for it; without it four short-interval movements or any
    restless minute would be a train.

    Attributes
    ----------
    enabled : bool
        Whether to search for trains.
    min_bursts : int
    frequency_hz : Span
    frequency_slack : float
        Share by which a measured frequency may lie outside, as a few intervals measure it poorly.
    foot_tremor_burst_s, alma_burst_s, alma_frequency_hz : Span
        What the median burst and the frequency of a kind must be.
    polyclonic_s, polyclonic_pause_s : float
        A train of at most this length whose pauses are all below ``polyclonic_pause_s`` is one
        limb movement with several bursts, not a train: no pause ends a movement (WASM 2016), and
        tremors and alternating activation of the legs go on for longer.  The length is psgkit's
        own choice.
    max_burst_s : float
        Longest median burst: the 1 s of the manual plus what the averaging window adds.
    max_single_burst_s : float
        A longer burst is a separate movement and ends a train.
    max_duty : float
        Largest share of a cycle that the median burst fills; beyond it the activity is continuous.
    brief_min_duty : float
        Least share of a cycle that brief bursts fill at the pace of a heart (see ``heart``); a QRS
        complex fills less.  Needed where a heart shows too briefly to be known by persistence.
    max_trough : float
        Largest share of its peak to which the median burst falls before the next; noise seldom
        dips deeper.
    slow_hz, slow_min_bursts : float, int
        Below this frequency a train needs more bursts, because a few short-interval movements may
        be as regular by chance.
    burst_above_rest_uv : float
        A burst reaches this far above rest, or ``burst_share_of_rest`` of the resting level,
        whichever is more.
    burst_share_of_rest : float
    train_above_rest_uv : float
        The median burst of a train reaches this far above rest; less than the 8 uV of a limb
        movement, because a mean over 0.1 s flattens a burst as short as that.
    burst_share_of_peak : float
        A burst lasts while the amplitude lies above this share of the largest within
        ``peak_reach_s``: at 4 Hz it hardly returns to rest in between.
    peak_reach_s : float
    opening_s : float
        Where a heart shows, shorter activity is removed before the search for trains of longer
        bursts, because a QRS complex between bursts hides or joins them.  Longer where a low rate
        narrows the band.
    joins : tuple of (float, float)
        Before the search bursts are joined across at most this gap in seconds, if the amplitude
        stays above this share of the lower peak.  Every pair is tried, because noise may split the
        long bursts of a slow train, and a fast train has short pauses.
    min_regularity : float
        Least regularity of trains of ``long_bursts`` and more.
    min_regularity_short : float
        Least regularity of trains of ``min_bursts``, higher because three intervals are more often
        alike by chance.  In between the limit changes linearly.
    long_bursts : int
    max_interval_change : float
        Largest ratio of an interval to the median of the five around it, and the other way round.
    max_odd_interval : float
        An interval at an end of a train that differs from the median by more than this share
        belongs to a neighbouring movement.
    max_width_change, max_peak_change : float
        So does a burst at an end whose width or height differs from the median by this factor.
    min_alike_share : float
        Share of the bursts of a train that are within those bounds.
    max_missed_share : float
        Share of intervals that may be twice as long, where a burst is too faint to detect.
    max_change_between : float
        Largest ratio of two frequencies that count as alike.
    join_cycles : float
        Trains of like frequency within this many cycles of each other are one.
    context_s, context_cycles : float
        How far before and after a train other bursts are counted: the longer of the two.
    min_share : float
        Least share of all bursts there that belong to the train: a restless minute has runs of
        equal intervals, too.
    sure_bursts : int
        Trains of at least this many bursts are left out of that count for other trains.
    max_phase_error, min_phase_locking : float
        Bursts of both sides alternate if their mean phase is within the first of half a cycle, and
        the phases agree at least by the second (1 for a clock, 0 for chance).
    heart : CardiacTrainRule
    margin_s : float
        No limb movement begins this near to a train; shorter than the quiet that ends a movement.
    """

    enabled: bool = True
    min_bursts: int = 4
    frequency_hz: Span = field(default_factory=lambda: Span(low=0.3, high=4.0))
    frequency_slack: float = 0.03
    foot_tremor_burst_s: Span = field(default_factory=lambda: Span(low=0.25, high=1.0))
    alma_burst_s: Span = field(default_factory=lambda: Span(low=0.1, high=0.5))
    alma_frequency_hz: Span = field(default_factory=lambda: Span(low=0.5, high=3.0))
    polyclonic_s: float = 3.0
    polyclonic_pause_s: float = 0.5
    max_burst_s: float = 1.2
    max_single_burst_s: float = 1.6
    max_duty: float = 0.75
    brief_min_duty: float = 0.15
    max_trough: float = 0.3
    slow_hz: float = 0.5
    slow_min_bursts: int = 6
    burst_above_rest_uv: float = 3.0
    burst_share_of_rest: float = 0.75
    train_above_rest_uv: float = 5.0
    burst_share_of_peak: float = 0.45
    peak_reach_s: float = 0.3
    opening_s: float = 0.18
    joins: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.3, 0.25), (0.08, 0.0), (0.2, 0.0))
    min_regularity: float = 0.77
    min_regularity_short: float = 0.85
    long_bursts: int = 8
    max_interval_change: float = 1.45
    max_odd_interval: float = 0.3
    max_width_change: float = 1.5
    max_peak_change: float = 2.5
    min_alike_share: float = 0.75
    max_missed_share: float = 0.2
    max_change_between: float = 1.25
    join_cycles: float = 3.6
    context_s: float = 5.0
    context_cycles: float = 3.0
    min_share: float = 0.75
    sure_bursts: int = 12
    margin_s: float = 0.2
    max_phase_error: float = 0.15
    min_phase_locking: float = 0.6
    heart: CardiacTrainRule = field(default_factory=CardiacTrainRule)

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.min_bursts < _FEWEST or self.long_bursts <= self.min_bursts:
            raise ValueError(
                f"a train needs at least {_FEWEST} bursts and a long one more than that, got "
                f"{self.min_bursts} and {self.long_bursts}"
            )
        if not self.frequency_hz.low > 0 or not 0 < self.burst_share_of_peak < 1:
            raise ValueError(f"frequencies and shares must be positive, got {self}")
        if not self.joins or min(value for pair in self.joins for value in pair) < 0:
            raise ValueError(f"gaps and shares must not be negative, got {self.joins}")
