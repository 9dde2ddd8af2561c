"""The part of a muscle's amplitude that a low rate or a low-pass filter takes away.

A rule in microvolts is about the 10-100 Hz band.  A recording at 100 Hz, or behind a filter of
35 Hz, holds half of that amplitude: movements are missed, and those that are found begin late.
The amplitude is multiplied by what is missing.

The share below a frequency follows a power of the part of the band below it.  The exponent is
psgkit's own, from movements recorded with surface electrodes over leg muscles, of which 10-45 Hz
holds a median of 54 % and 10-57 Hz of 69 % of the amplitude.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band
from psgkit.core.bounds import samples_nearest
from psgkit.core.dataclass import dataclass
from psgkit.core.ranges import check_ranges


@dataclass(frozen=True, kw_only=True, slots=True)
class BandLostRule:
    """When and how amplitudes are corrected for the part of the band that is missing.

    Attributes
    ----------
    enabled : bool
    below_rate_hz : float
        Rates from here on hold the band well enough (AASM and WASM ask for 200 Hz).
    exponent : float
        The share of the amplitude below a frequency is the part of the band below it to this power.
    most : float
        Largest factor: beyond it little of a muscle is left to measure.
    lowpass_below_hz : float
        Low-pass filters from here on leave enough: movements are found without a correction.
    least_drop_db : float
        A low-pass filter shows where resting EMG falls by this much from the frequency where it is
        ``corner_db`` down to 1.6 times that frequency.  EMG itself falls less steeply.
    corner_db : float
        How far the level at the corner lies below that of 15-30 Hz.
    fall_db_per_hz : float
        By how much resting EMG falls above 30 Hz without a filter.
    """

    enabled: bool = True
    below_rate_hz: float = 200.0
    exponent: float = 0.65
    most: float = 3.0
    lowpass_below_hz: float = 48.0
    least_drop_db: float = 9.0
    corner_db: float = 4.0
    fall_db_per_hz: float = 0.08

    def __post_init__(self) -> None:
        check_ranges(self)
        if not (self.exponent > 0 and self.most >= 1 and self.least_drop_db > 0 < self.corner_db):
            raise ValueError(f"a correction needs positive numbers and most >= 1, got {self}")


@dataclass(frozen=True, kw_only=True, slots=True)
class BandLost:
    """The correction of one signal.

    Attributes
    ----------
    top_hz : float
        Highest frequency that is left.
    factor : float
        By which amplitudes are multiplied; 1 if nothing is missing.
    cause : str
        ``rate``, ``filter`` or empty.
    """

    top_hz: float
    factor: float = 1.0
    cause: str = ""


def band_lost(
    pieces: list[NDArray[np.floating]], rate_hz: float, band: Band, rule: BandLostRule
) -> BandLost:
    """Return how much of the amplitude of a muscle is missing.

    Parameters
    ----------
    pieces : list of array
        Raw samples from all over the signal, of one length and without gaps; a filter is looked
        for in them.
    rate_hz : float
    band : Band
        The pass band, not clipped to the rate.
    rule : BandLostRule

    Examples
    --------
    >>> band_lost([], 100.0, Band(), BandLostRule())
    BandLost(top_hz=45.0, factor=1.848, cause='rate')
    >>> band_lost([], 256.0, Band(), BandLostRule()).factor
    1.0
    """
    top_hz, cause = band.clipped(rate_hz).high_hz, "rate"
    if rate_hz >= rule.below_rate_hz:
        top_hz, cause = band.high_hz, ""
    if not rule.enabled:
        return BandLost(top_hz=top_hz)
    corner_hz = low_pass_seen(pieces, rate_hz, rule)
    if corner_hz is not None and corner_hz < min(top_hz, rule.lowpass_below_hz):
        top_hz, cause = corner_hz, "filter"
    if not cause or top_hz <= band.low_hz:
        return BandLost(top_hz=top_hz)
    share = ((top_hz - band.low_hz) / band.width_hz) ** rule.exponent
    # rounded, so that a little noise in the estimate changes nothing
    factor = round(float(min(max(1 / share, 1.0), rule.most)), 3)
    return BandLost(top_hz=top_hz, factor=factor, cause=cause)


_PIECE_S = 1.0
_LAG_S = 0.01
_MOST_KURTOSIS = 5.0
"""Of differences over ``_LAG_S``: 3 in noise, more than 10 with a heart beat."""
_FEWEST_PIECES = 10
_RESTING = 0.2
"""Quantile of the power in pieces that shows resting EMG."""
_STEP_HZ = 5.0
_PLATEAU_HZ = (15.0, 30.0)
_HIGHEST = 0.48
"""Share of the rate up to which the spectrum is looked at."""
_HUM_BESIDE_HZ = 4.0
_STEEP = 1.6
"""Ratio of frequencies over which the level is compared."""


def low_pass_seen(
    pieces: list[NDArray[np.floating]], rate_hz: float, rule: BandLostRule
) -> float | None:
    """Return the corner of a low-pass filter that resting EMG shows, in Hz, or None."""
    if not pieces:
        return None
    n = samples_nearest(_PIECE_S, rate_hz)
    short = np.concatenate([piece[: len(piece) // n * n].reshape(-1, n) for piece in pieces])
    short = short - short.mean(axis=1, keepdims=True)
    short = short[_without_beats(short, rate_hz)]
    if len(short) < _FEWEST_PIECES:
        return None
    power = np.abs(np.fft.rfft(short * np.hanning(n), axis=1)) ** 2
    # between heart beats and movements
    resting = np.quantile(power, _RESTING, axis=0)
    at_hz = np.fft.rfftfreq(n, 1 / rate_hz)
    band = (at_hz >= _PLATEAU_HZ[0]) & (at_hz < _HIGHEST * rate_hz)
    for hum_hz in (50.0, 60.0):
        band &= np.abs(at_hz - hum_hz) > _HUM_BESIDE_HZ
    row = ((at_hz[band] - _PLATEAU_HZ[0]) / _STEP_HZ).astype(np.int64)
    rows = [row == one for one in np.unique(row)]
    level = np.array([np.median(resting[band][one]) for one in rows])
    middle_hz = np.array([at_hz[band][one].mean() for one in rows])
    if not rows or middle_hz[-1] < _PLATEAU_HZ[1]:
        return None
    plateau = level[middle_hz < _PLATEAU_HZ[1]].mean()
    down_db = 10 * np.log10(np.maximum(level / max(plateau, 1e-12), 1e-12))
    down_db += rule.fall_db_per_hz * np.maximum(middle_hz - _PLATEAU_HZ[1], 0.0)
    beyond = np.flatnonzero(down_db > -rule.corner_db)
    last = int(beyond[-1]) if len(beyond) else -1
    if not 0 <= last < len(level) - 1:
        return None
    part = (down_db[last] + rule.corner_db) / (down_db[last] - down_db[last + 1])
    corner_hz = float(middle_hz[last] + part * (middle_hz[last + 1] - middle_hz[last]))
    if corner_hz * _STEEP > middle_hz[-1]:
        return None
    drop_db = -rule.corner_db - float(np.interp(corner_hz * _STEEP, middle_hz, down_db))
    return round(corner_hz) if drop_db >= rule.least_drop_db else None


def _without_beats(pieces: NDArray[np.floating], rate_hz: float) -> NDArray[np.bool_]:
    """Return which pieces show no heart beat: beats end at 25 Hz, as if behind a filter."""
    lag = samples_nearest(_LAG_S, rate_hz)
    steps = pieces[:, lag:] - pieces[:, :-lag]
    variance = np.maximum((steps**2).mean(axis=1), 1e-12)
    return np.asarray((steps**4).mean(axis=1) <= _MOST_KURTOSIS * variance**2)
