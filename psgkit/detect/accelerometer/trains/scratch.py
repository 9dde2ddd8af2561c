"""Scratching at a wrist: fast rhythmic bouts.  Experimental.

Scratching is rhythmic movement of the hand at about 2-8 Hz (unsourced in the rule sheet); that a
bout is four cycles and a second or more, its size and its regularity are psgkit's own choice and
were not tested against video.  A tremor of 4-6 Hz, brushing teeth or typing give the same signal.
"""

import numpy as np

from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.conditioning.acceleration.motion import Calibration, motion_stretches
from psgkit.core.acceleration import Acceleration
from psgkit.core.intervals import Intervals, intersect
from psgkit.detect.accelerometer.trains.find import (
    MotionScan,
    RhythmRule,
    joined_trains,
    trains_of_stretch,
)
from psgkit.detect.accelerometer.trains.grid import MotionBand
from psgkit.detect.accelerometer.trains.period import PeriodRule

SCRATCH = RhythmRule(
    kind="scratch",
    band=MotionBand(low_hz=1.0, high_hz=8.0, grid_hz=50.0),
    period=PeriodRule(
        low_hz=2.0,
        high_hz=8.0,
        cycles=4.0,
        least_s=1.0,
        hop_s=0.1,
        least_correlation=0.6,
        least_share=0.4,
        least_rms_g=0.02,
    ),
    least_cycles=4.0,
    least_s=1.0,
    least_best=0.8,
    drift=0.3,
    join_s=0.5,
)
"""Bouts of at least 20 mg; a pause of half a second ends one."""

_HEARD = 0.25
"""A bout needs half a second whose mean magnitude, in the wider band of movements, is this share of
the least amplitude."""


def scan_scratch(
    acceleration: Acceleration,
    calibration: Calibration | None = None,
    rule: RhythmRule = SCRATCH,
    track: GravityTrack | None = None,
    within: Intervals | None = None,
) -> MotionScan:
    """Return the bouts at a wrist.

    With a ``track`` of the same sensor, stretches without movement are skipped and left out of the
    level, and so are stretches that do not touch ``within``, disjoint seconds.  Below 20 Hz a
    sensor does not record 8 Hz: see ``trains.find.why_unseen``.

    Examples
    --------
    >>> import numpy as np
    >>> from psgkit.core.signal import Signal
    >>> time_s = np.arange(3000) / 50.0
    >>> rubbed = np.where(abs(time_s - 20) < 2, 0.2 * np.sin(2 * np.pi * 4.5 * time_s), 0.0)
    >>> axis = Signal(samples=rubbed, rate_hz=50.0, unit="g")
    >>> bouts = scan_scratch(Acceleration(axes=(axis,), place="left_wrist")).trains
    >>> bouts.frequency_hz.round(1).tolist(), bouts.duration_s.round().tolist()
    ([4.5], [4.0])
    """

    def wanted(begin_s: float, end_s: float) -> bool:
        asked = within is None or len(intersect(within, np.array([[begin_s, end_s]]))) > 0
        return asked and (track is None or _moves(track, begin_s, end_s, rule))

    walk = motion_stretches(acceleration, calibration or Calibration(), wanted=wanted)
    return joined_trains([trains_of_stretch(part, rule) for part in walk], acceleration, rule)


def _moves(track: GravityTrack, begin_s: float, end_s: float, rule: RhythmRule) -> bool:
    first = int((begin_s - track.start_s) * track.rate_hz) - 1
    last = int((end_s - track.start_s) * track.rate_hz) + 2
    moved = track.movement_g[max(first, 0) : last]
    return bool(len(moved) and moved.max() >= _HEARD * rule.period.least_rms_g)
