"""Surface EMG of a pool of motor units, after Fuglevand, Winter and Patla (J Neurophysiol 1993).

Taken from there: exponential range of recruitment thresholds, the number of fibres of a unit,
firing rates that rise with the drive from 8/s to a peak that is lower for larger units, and
intervals that vary by a fifth.  An action potential is the transmembrane current of a fibre
(Rosenfalck 1969) that travels at 4 m/s below two electrodes, filtered by the tissue between: a
unit at distance d passes ``K0(2 pi f d / v)``, so that deep units are small, long and dull.  The
units of a neighbouring muscle, farther away and driven along, are crosstalk.  Depths and sizes are
psgkit's own choice, so that the spectrum is that of a tibialis anterior (median 80 to 120 Hz).

Drive follows from the wanted amplitude through the expected power of the pool between 10 and
100 Hz, the band of the standard; spikes do not depend on the sampling rate.
"""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass

BAND_HZ = (10.0, 100.0)
OWN_N, NEIGHBOUR_N = 200, 60
THRESHOLD_RANGE = 30.0
FIBRE_RANGE = 100.0
LOWEST_PER_S = 8.0
FIRST_PEAK_PER_S, PEAK_FALL_PER_S = 35.0, 10.0
INTERVAL_CV = 0.2
MOST_SDS = 3.0
OWN_DISTANCE_M = (0.007, 0.02)
NEIGHBOUR_DISTANCE_M = (0.025, 0.045)
VELOCITY_M_S = 4.0
ELECTRODES_M = 0.02
ENDPLATES_S = 0.0006
"""Standard deviation of the arrival of the potentials of the fibres of one unit."""

FIBRE_M = 0.06
TENDONS_S = 0.003
"""Standard deviation of the time at which the fibres of one unit end."""

ENDS_SHARE = 0.25
"""Strength of the standing waves; the share of 10 to 45 Hz in the amplitude follows from it."""

STRONGEST_UV = 900.0
"""Root mean square of the whole pool at its strongest drive."""

LEVELS_N = 48
DRIVE_STEP_S: float = 0.005
PHASES_N = 16
REACH_S = 0.032
REACH_N = 12
PASS_SHARE, STOP_SHARE = 0.4, 0.48
"""Shares of the rate between which the filter of the recorder closes."""

SPIKES_IN_BLOCK_N = 1 << 16


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MotorUnits:
    """The units that one pair of electrodes sees; all arrays have one entry a unit.

    Attributes
    ----------
    threshold, peak_per_s : float64 arrays
        Drive at which a unit is recruited, and its highest rate.
    distance_m, gain : float64 arrays
        From the electrodes; amplitude of its potential.
    """

    threshold: NDArray[np.float64]
    peak_per_s: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    gain: NDArray[np.float64]

    @property
    def strongest(self) -> float:
        """Return the drive beyond which no unit fires faster."""
        return float(np.max(self.threshold + self.peak_per_s - LOWEST_PER_S))

    def rates_per_s(self, drive: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the rate of each unit at each ``drive``, shape (units, len(drive))."""
        above = drive - self.threshold[:, None]
        rates = np.minimum(above + LOWEST_PER_S, self.peak_per_s[:, None])
        return np.asarray(np.where(above >= 0.0, rates, 0.0))


def motor_units(rng: np.random.Generator) -> MotorUnits:
    """Return a muscle and its neighbour, units at random places.

    Examples
    --------
    >>> units = motor_units(np.random.default_rng(0))
    >>> len(units.gain), float(units.threshold.max().round(1))
    (260, 30.0)
    """
    order = np.concatenate([np.arange(1, n + 1) / n for n in (OWN_N, NEIGHBOUR_N)])
    threshold = THRESHOLD_RANGE**order
    spans_m = (OWN_DISTANCE_M, NEIGHBOUR_DISTANCE_M)
    distance_m = [
        rng.uniform(*span_m, n) for span_m, n in zip(spans_m, (OWN_N, NEIGHBOUR_N), strict=True)
    ]
    units = MotorUnits(
        threshold=threshold,
        peak_per_s=FIRST_PEAK_PER_S - PEAK_FALL_PER_S * threshold / THRESHOLD_RANGE,
        distance_m=np.concatenate(distance_m),
        gain=FIBRE_RANGE**order,
    )
    strongest_uv = expected_uv(units, np.array([units.strongest]))[0]
    return MotorUnits(
        threshold=units.threshold,
        peak_per_s=units.peak_per_s,
        distance_m=units.distance_m,
        gain=units.gain * STRONGEST_UV / strongest_uv,
    )


def potential_spectrum(
    frequency_hz: NDArray[np.float64], distance_m: NDArray[np.float64] | float
) -> NDArray[np.complex128]:
    """Return the spectrum of an action potential of gain 1 at ``distance_m``, per Hz.

    The wave that travels: current of a fibre, tissue, two electrodes, scatter of the endplates.
    The waves that stand, at its begin and its end, reach far and hold the low frequencies.
    """
    from scipy.special import k0

    per_m = 2.0 * np.pi * np.maximum(frequency_hz, 1e-3) / VELOCITY_M_S
    per_mm = 1e-3 * per_m
    current = per_mm**2 / (1.0 + 1j * per_mm) ** 4
    tissue = k0(per_m * np.asarray(distance_m)[..., None])
    electrodes = 2j * np.sin(0.5 * per_m * ELECTRODES_M)
    turn_hz = 2.0 * np.pi * frequency_hz
    travelling = current * tissue * electrodes * np.exp(-0.5 * (turn_hz * ENDPLATES_S) ** 2)
    span_s = FIBRE_M / VELOCITY_M_S
    standing = 2j * np.sin(0.5 * turn_hz * span_s) / (1.0 + 1j * per_mm) ** 4
    standing *= ENDS_SHARE * np.exp(-0.5 * (turn_hz * TENDONS_S) ** 2)
    return np.asarray(travelling + standing * (1e-3 / np.asarray(distance_m)[..., None]) ** 2)


def expected_uv(units: MotorUnits, drive: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root mean square from 10 to 100 Hz at each steady ``drive``.

    The spikes of a unit are a renewal process, so their spectrum is known.
    """
    frequency_hz = np.arange(BAND_HZ[0], BAND_HZ[1] + 0.5)
    power = (
        2.0 * np.abs(units.gain[:, None] * potential_spectrum(frequency_hz, units.distance_m)) ** 2
    )
    rates = units.rates_per_s(drive)
    found = np.zeros(len(drive))
    for number in range(len(drive)):
        firing = rates[:, number] > 0.0
        rate = rates[firing, number, None]
        cycles = frequency_hz / rate
        interval = np.exp(-2.0 * (np.pi * INTERVAL_CV * cycles) ** 2 + 2j * np.pi * cycles)
        spikes = rate * (1.0 - np.abs(interval) ** 2) / np.abs(1.0 - interval) ** 2
        found[number] = np.sum(power[firing] * spikes)
    return np.sqrt(found)


def drive_for(units: MotorUnits, wanted_uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the drive at which the pool has the root mean square ``wanted_uv`` (10 to 100 Hz)."""
    drive = np.geomspace(1.0, units.strongest, LEVELS_N)
    level_uv = np.maximum.accumulate(expected_uv(units, drive))
    kept = np.diff(level_uv, prepend=0.0) > 0.0
    found = np.interp(wanted_uv, np.append(0.0, level_uv[kept]), np.append(0.0, drive[kept]))
    return np.asarray(found)


def spike_times(
    rng: np.random.Generator,
    units: MotorUnits,
    times_s: NDArray[np.float64],
    drive: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the times of all spikes, and the unit of each.

    ``drive`` is given at ``times_s``, ``DRIVE_STEP_S`` apart or, across silence, more.  Rates are
    integrated; a spike is where the integral passes the next of the random intervals.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> times_s = np.arange(0.0, 10.0, DRIVE_STEP_S)
    >>> spikes_s, unit = spike_times(rng, motor_units(rng), times_s, np.full(len(times_s), 1.2))
    >>> bool(7.5 < np.count_nonzero(unit == 0) / 10.0 < 8.7)
    True
    """
    found_s: list[NDArray[np.float64]] = []
    numbers: list[NDArray[np.int64]] = []
    steps_s = np.minimum(np.diff(times_s, prepend=times_s[:1]), DRIVE_STEP_S)
    for number in range(len(units.gain)):
        above = drive - units.threshold[number]
        rate = np.minimum(above + LOWEST_PER_S, units.peak_per_s[number])
        phase = np.cumsum(np.where(above >= 0.0, rate, 0.0) * steps_s)
        if phase[-1] <= 0.0:
            continue
        due_n = int(1.2 * phase[-1]) + 10
        vary = INTERVAL_CV * rng.standard_normal(due_n).clip(-MOST_SDS, MOST_SDS)
        passes = np.cumsum(1.0 + vary) - rng.uniform()
        own = passes[(passes > 0.0) & (passes < phase[-1])]
        last = np.searchsorted(phase, own)
        share = (phase[last] - own) / (phase[last] - phase[last - 1])
        found_s.append(times_s[last] - share * steps_s[last])
        numbers.append(np.full(len(own), number))
    if not found_s:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    return np.concatenate(found_s), np.concatenate(numbers)


def add_spikes(
    samples: NDArray[np.float32],
    rate_hz: float,
    units: MotorUnits,
    spikes: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    """Add the potential of each spike to ``samples``, in place, as a recorder would sample it."""
    reach_n = int(REACH_S * rate_hz) + REACH_N
    potentials = _sampled(units, rate_hz, reach_n)
    around = np.arange(-reach_n, reach_n)
    at = spikes[0] * rate_hz
    whole = np.floor(at).astype(np.int64)
    phase = ((at - whole) * PHASES_N).astype(np.int64)
    order = np.argsort(whole, kind="stable")
    for first in range(0, len(order), SPIKES_IN_BLOCK_N):
        some = order[first : first + SPIKES_IN_BLOCK_N]
        from_n = int(whole[some[0]]) - reach_n
        rows = whole[some][:, None] + around - from_n
        waves = potentials[spikes[1][some], phase[some]]
        summed = np.bincount(rows.ravel(), weights=waves.ravel())
        low, high = max(0, from_n), min(len(samples), from_n + len(summed))
        samples[low:high] += summed[low - from_n : high - from_n].astype(np.float32)


def passed(frequency_hz: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """Return the share of an amplitude that the filter of a recorder leaves before it samples."""
    along = (frequency_hz / rate_hz - PASS_SHARE) / (STOP_SHARE - PASS_SHARE)
    return np.asarray(np.cos(0.5 * np.pi * np.clip(along, 0.0, 1.0)) ** 2)


def _sampled(units: MotorUnits, rate_hz: float, reach_n: int) -> NDArray[np.float32]:
    """Return the potentials at all phases within a sample, shape (units, phases, 2 reach)."""
    frequency_hz = np.fft.rfftfreq(2 * reach_n, 1.0 / rate_hz).astype(np.float64)
    spectrum = units.gain[:, None] * potential_spectrum(frequency_hz, units.distance_m)
    spectrum *= passed(frequency_hz, rate_hz)
    later_s = (np.arange(PHASES_N) + 0.5) / (PHASES_N * rate_hz) + reach_n / rate_hz
    shift = np.exp(-2j * np.pi * later_s[:, None] * frequency_hz)
    waves = np.fft.irfft(spectrum[:, None, :] * shift, n=2 * reach_n, axis=-1) * rate_hz
    return np.asarray(waves.astype(np.float32))
