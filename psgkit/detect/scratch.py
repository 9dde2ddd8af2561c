"""Scratching at a wrist: fast rhythmic bouts.  Experimental.

Scratching is rhythmic movement of the hand at about 2-8 Hz (unsourced in the rule sheet); that a
bout is four cycles and a second or more, its size and its regularity are ours and were not
tried against video.  A tremor of 4-6 Hz, brushing teeth or typing look the same to one sensor.
"""

from psgkit.conditioning.motion import Calibration
from psgkit.core.acceleration import Acceleration
from psgkit.detect.motion_rhythm import MotionScan, RhythmRule, scan_motion
from psgkit.detect.motion_rhythm_grid import MotionBand
from psgkit.detect.motion_rhythm_period import PeriodRule

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


def scan_scratch(
    acceleration: Acceleration,
    calibration: Calibration | None = None,
    rule: RhythmRule = SCRATCH,
) -> MotionScan:
    """Return the bouts at a wrist.

    Ask ``motion_rhythm.why_unseen`` first: below 20 Hz there is no 8 Hz to be seen.

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
    return scan_motion(acceleration, calibration, rule)
