"""Detect limb movements in one surface-EMG channel, however long."""

from collections.abc import Iterator
from dataclasses import field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.emg.band import Band
from psgkit.conditioning.emg.band_lost import BandLost, band_lost
from psgkit.conditioning.emg.mains import MainsLine, find_mains
from psgkit.core.bounds import samples_at_least
from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import words
from psgkit.core.intervals import Intervals, union
from psgkit.core.movements import Movements
from psgkit.core.ranges import check_ranges
from psgkit.core.rejected import Rejected
from psgkit.core.signal import Signal
from psgkit.detect.emg.active_cells import ActiveCells
from psgkit.detect.emg.grid import Grid
from psgkit.detect.emg.heart_leak import (
    CardiacBlipRule,
    KnownBeats,
    cleared_bursts,
    known_near,
    without_cardiac_blips,
    without_faint_blips,
)
from psgkit.detect.emg.limb_movements import ActivityRuns, LimbMovementRule, find_limb_movements
from psgkit.detect.emg.stretch import (
    EmgConditioning,
    EmgMeter,
    MeasuredStretch,
    RejectedSpans,
    filtered_stretch,
)
from psgkit.detect.emg.trains.bursts import Bursts, leaking
from psgkit.detect.emg.trains.find import Train, find_trains
from psgkit.detect.emg.trains.rule import EmgRhythmRule
from psgkit.detect.emg.trunk import HeartFilter, HeartLeft, HeartRule
from psgkit.detect.trace import StretchTrace, TakeStretch
from psgkit.errors import UnitError

MIN_RATE_HZ = 50.0
"""Below this the band from 10 Hz to 0.45 of the rate is too narrow for EMG."""

_STRETCH_S = 1000.0
_STRETCH_SAMPLES = 2**19
"""Longest stretch, in seconds and in samples, but never below 300 s: the overlap of stretches is
read and filtered twice."""
_MIN_STRETCH_S = 300.0
_PROBES = 24
_PROBE_S = 4.0
_BEATS_AROUND = 5
"""Probe lengths on each side from which the shape of a heart beat is taken."""
_MAINS_SHARE = 0.2
"""Hum that makes up less than this share of the resting amplitude is left in."""
_KEPT_BYTES = 31 * 2**20
"""Just below the 32 MB from which glibc never keeps an array."""
_NO_CELLS = np.empty(0, dtype=np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmgDetection:
    """Settings of movement detection in EMG."""

    rule: LimbMovementRule = field(default_factory=LimbMovementRule)
    conditioning: EmgConditioning = field(default_factory=EmgConditioning)
    cardiac: CardiacBlipRule = field(default_factory=CardiacBlipRule)
    rhythm: EmgRhythmRule = field(default_factory=EmgRhythmRule)
    heart: HeartRule = field(default_factory=HeartRule)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EmgResult:
    """Movements of one signal, with resting level, hum, heart beats and unusable time.

    Attributes
    ----------
    movements : Movements
    unusable : Intervals
        Seconds, margins included: no movement can be found there.
    share : dict of str to float
        Share of the signal that is ``missing``, ``flat``, ``saturated``.
    rest_uv : array, shape (n_hops,)
        Resting level every ``hop_s`` seconds.
    mains : MainsLine or None
        The hum that was subtracted.
    cardiac_n : int
        Heart beats that were counted as quiet.
    trains : tuple of Train
        Rhythmic trains, in seconds of the recording; no movement was formed from their bursts.
    heart : tuple of HeartLeft
        Heart beats subtracted from each stretch; empty if none were looked for.
    rejected : Rejected
        What would have been a movement if a muscle had made it.
    peak_uv : array
        Largest amplitude above rest of each movement, over 0.1 s.
    lost : BandLost
        The part of the band that is missing, and the factor that corrects amplitudes for it.
    """

    movements: Movements
    unusable: Intervals
    share: dict[str, float]
    rest_uv: NDArray[np.float32]
    hop_s: float
    mains: MainsLine | None
    cardiac_n: int
    trains: tuple[Train, ...] = ()
    heart: tuple[HeartLeft, ...] = ()
    rejected: Rejected = field(default_factory=Rejected.none)
    peak_uv: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    lost: BandLost = field(default_factory=lambda: BandLost(top_hz=Band().high_hz))


def detect_movements(
    signal: Signal | NDArray[np.floating],
    rate_hz: float | None = None,
    detection: EmgDetection | None = None,
) -> Movements:
    """Return the limb movements in one EMG signal, in seconds.

    Parameters
    ----------
    signal : Signal or array, shape (n,)
        Surface EMG in uV.  An array needs ``rate_hz``.
    rate_hz : float, optional
        Rate of an array.
    detection : EmgDetection, optional
        Rule and conditioning; the default is that of WASM 2016.

    Raises
    ------
    UnitError
        If the signal is not in uV.
    ValueError
        If an array comes without a rate, or the rate is below 50 Hz.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> emg_uv = 2 * rng.standard_normal(60 * 200)
    >>> emg_uv[20 * 200 : 22 * 200] *= 20
    >>> found = detect_movements(emg_uv, 200)
    >>> found.onset_s.round(1).tolist(), found.end_s.round(1).tolist()
    ([20.0], [22.0])
    """
    if not isinstance(signal, Signal):
        if rate_hz is None:
            raise ValueError("an array needs its rate: detect_movements(samples, rate_hz)")
        samples = np.asarray(signal)
        if samples.dtype.kind not in "fiu":
            raise ValueError(f"samples must be real numbers, got {samples.dtype}")
        signal = Signal(samples=samples, rate_hz=rate_hz, unit="uV")
    return detect_emg(signal, detection or EmgDetection()).movements


def detect_emg(
    signal: Signal,
    detection: EmgDetection,
    heart: HeartFilter | None = None,
    beats: KnownBeats | None = None,
    take: TakeStretch | None = None,
) -> EmgResult:
    """Return the limb movements of ``signal`` with resting level, masks and hum.

    Parameters
    ----------
    signal : Signal
        In microvolts.
    detection : EmgDetection
    heart : HeartFilter, optional
        Subtracts heart beats, and breathing, before the rule is applied, as trunk EMG needs it.
    beats : callable, optional
        Returns the beats of an ECG channel.  Called only where heart beats may leak into the
        signal, to distinguish them from the bursts of trains.
    take : callable, optional
        Called with the trace of each stretch.

    Raises
    ------
    UnitError
        If the signal is not in microvolts.
    ValueError
        If the rate is below 50 Hz.
    """
    _keep_memory()
    meter = meter_of(signal, detection, heart)
    n_samples, rate_hz = len(signal.samples), signal.rate_hz
    # memory grows with the number of movements, not with the length of the recording
    parts, cells = [], []
    stretches = emg_stretches(n_samples, rate_hz, meter.grid.hop)
    for core in stretches:
        measured = meter.measure(core, traced=take is not None)
        if take is not None and measured.trace is not None:
            take(measured.trace)
        cells.append(ActiveCells.of_stretch(measured, core, meter))
        parts.append(replace(measured, cells_uv=_NO_CELLS, trace=None))
    runs = ActivityRuns.joined([part.runs for part in parts])
    duration_s = n_samples / rate_hz
    bursts, long = (Bursts.joined([part.bursts[k] for part in parts]) for k in (0, 1))
    cleared = None
    if beats is not None and len(leaking(bursts, duration_s, detection.rhythm.heart)):
        cleared = cleared_bursts(meter, stretches, beats(), detection.heart.removal)
    blocked_s = runs.unusable / rate_hz
    trains = find_trains((bursts, long), blocked_s, duration_s, detection.rhythm, cleared)
    runs = runs.without(_around(trains, n_samples, rate_hz, detection.rhythm))
    known = known_near(cleared, trains, detection.cardiac.window_s)
    runs, cardiac_n = without_cardiac_blips(runs, rate_hz, detection.cardiac, known)
    runs = without_faint_blips(runs, rate_hz, detection.cardiac)
    found = find_limb_movements(runs, n_samples, rate_hz, detection.rule)
    active = ActiveCells.joined(cells)
    amplitude_uv = active.means(found, meter.grid)
    return EmgResult(
        movements=_as_movements(signal, found, amplitude_uv),
        unusable=signal.start_s + runs.unusable / rate_hz,
        share=_shares(parts, n_samples),
        rest_uv=_concatenated([part.rest_uv for part in parts]),
        hop_s=meter.grid.hop / rate_hz,
        mains=meter.mains,
        cardiac_n=cardiac_n,
        trains=tuple(train.later(signal.start_s) for train in trains),
        heart=tuple(part.heart for part in parts if part.heart is not None),
        lost=meter.lost,
        peak_uv=active.peaks(found, meter.grid),
        rejected=Rejected.joined(
            [_as_rejected(signal, spans) for part in parts for spans in part.rejected]
        ),
    )


@cache
def _keep_memory() -> None:
    """Let the allocator keep what a stretch gives back, instead of fetching it anew for the next.

    glibc returns arrays to the system that are larger than any it was given back before, at first
    128 KB, and takes empty pages for the next ones: a quarter of the time of a night.  What is
    given back here was never filled.  Other allocators take no notice.
    """
    np.empty(_KEPT_BYTES, dtype=np.uint8)


def traces_around(
    signal: Signal, wanted: Intervals, detection: EmgDetection, heart: HeartFilter | None = None
) -> Iterator[StretchTrace]:
    """Yield the traces of the stretches that ``wanted`` seconds touch."""
    meter = meter_of(signal, detection, heart)
    for core in emg_stretches(len(signal.samples), signal.rate_hz, meter.grid.hop):
        begin_s, end_s = (signal.start_s + sample / signal.rate_hz for sample in core)
        if ((wanted[:, 0] < end_s) & (wanted[:, 1] > begin_s)).any():
            trace = meter.measure(core, traced=True).trace
            if trace is not None:
                yield trace


def meter_of(signal: Signal, detection: EmgDetection, heart: HeartFilter | None) -> EmgMeter:
    """Return the meter for the stretches of a signal, with the hum to subtract.

    Raises
    ------
    UnitError
        If the signal is not in microvolts.
    ValueError
        If the rate is below 50 Hz.
    """
    rate_hz = signal.rate_hz
    if signal.unit != "uV":
        raise UnitError(
            f"channel {signal.label!r}",
            f"unit {signal.unit!r}" if signal.unit else "no unit",
            "a voltage: the rule is in microvolts",
            "State the unit in a channel map if you know it.",
        )
    if rate_hz < MIN_RATE_HZ:
        raise ValueError(f"EMG needs at least {MIN_RATE_HZ:g} Hz, got {rate_hz:g} Hz")
    return EmgMeter(
        signal=signal,
        grid=Grid.of(rate_hz, detection.rule, detection.conditioning.band),
        rule=detection.rule,
        rhythm=detection.rhythm,
        conditioning=detection.conditioning,
        mains=mains_line(signal, detection.conditioning, heart),
        heart=heart,
        lost=_lost(signal, detection.conditioning, heart),
    )


def _lost(signal: Signal, conditioning: EmgConditioning, heart: HeartFilter | None) -> BandLost:
    """Return the part of the band that is missing.

    A filter is looked for in short pieces of the whole signal, but not where heart beats hide the
    spectrum of resting EMG.
    """
    pieces = []
    length = samples_at_least(_PROBE_S, signal.rate_hz)
    n = len(signal.samples)
    if heart is None and n >= length:
        starts = np.unique(np.linspace(0, n - length, _PROBES).astype(np.int64))
        all_pieces = [np.asarray(signal.samples[at : at + length]) for at in starts.tolist()]
        pieces = [one for one in all_pieces if np.isfinite(one).all() and np.ptp(one) > 0]
    return band_lost(pieces, signal.rate_hz, conditioning.band, conditioning.band_lost)


def _around(
    trains: tuple[Train, ...], n_samples: int, rate_hz: float, rule: EmgRhythmRule
) -> Intervals:
    """Return the samples of the trains with their margins, disjoint."""
    spans = np.array([(train.onset_s, train.end_s) for train in trains]).reshape(-1, 2)
    samples = np.round((spans + np.array([-rule.margin_s, rule.margin_s])) * rate_hz)
    return union(np.clip(samples, 0, n_samples).astype(np.int64))


def emg_stretches(n_samples: int, rate_hz: float, hop: int) -> list[tuple[int, int]]:
    """Return the stretches in which a signal is measured, each from sample to sample."""
    length = min(_STRETCH_SAMPLES, samples_at_least(_STRETCH_S, rate_hz))
    length = max(length, samples_at_least(_MIN_STRETCH_S, rate_hz))
    length = -(-length // hop) * hop
    return [(first, min(first + length, n_samples)) for first in range(0, n_samples, length)]


def mains_line(
    signal: Signal, conditioning: EmgConditioning, heart: HeartFilter | None
) -> MainsLine | None:
    """Return the hum to subtract, measured in short pieces from the whole signal."""
    if conditioning.mains == "off":
        return None
    wanted = (50.0, 60.0) if conditioning.mains == "auto" else (float(conditioning.mains),)
    length = samples_at_least(_PROBE_S, signal.rate_hz)
    n = len(signal.samples)
    if n < length:
        return None
    starts = np.unique(np.linspace(0, n - length, _PROBES).astype(np.int64))
    pieces = []
    for start in starts.tolist():
        around = 0 if heart is None else _BEATS_AROUND * length
        low, high = max(0, start - around), min(n, start + length + around)
        filtered, unusable = filtered_stretch(signal, (low, high), conditioning)
        if heart is not None:
            filtered = heart.removed(filtered, low).samples
        if not len(unusable.cut(start - low, start - low + length).runs()):
            pieces.append(filtered[start - low : start - low + length])
    if not pieces:
        return None
    band = conditioning.band.clipped(signal.rate_hz)
    line = find_mains(np.stack(pieces), signal.rate_hz, band.high_hz, wanted)
    strong = line is not None and (conditioning.mains != "auto" or line.share >= _MAINS_SHARE)
    return line if strong else None


def _as_movements(signal: Signal, found: Intervals, amplitude_uv: NDArray[np.float64]) -> Movements:
    seconds = signal.start_s + found / signal.rate_hz
    return Movements(
        onset_s=seconds[:, 0],
        end_s=seconds[:, 1],
        site=np.full(len(found), str(signal.site)),
        n_parts=np.ones(len(found), dtype=np.int64),
        amplitude=amplitude_uv,
        channels=((signal.label,) if signal.label else (),) * len(found),
        modality=words(["emg"] * len(found)),
        amplitude_unit=words(["uV"] * len(found)),
    )


def _as_rejected(signal: Signal, found: RejectedSpans) -> Rejected:
    seconds = signal.start_s + found.spans / signal.rate_hz
    n = len(seconds)
    return Rejected(
        onset_s=seconds[:, 0],
        end_s=seconds[:, 1],
        site=words([str(signal.site)] * n),
        channel=words([signal.label] * n),
        reason=words([found.reason] * n),
        amplitude_uv=found.above_uv,
    )


def _shares(parts: list[MeasuredStretch], n_samples: int) -> dict[str, float]:
    def share(kind: str) -> float:
        runs = [getattr(part.unusable, kind) for part in parts]
        return sum(int((r[:, 1] - r[:, 0]).sum()) for r in runs) / max(n_samples, 1)

    return {kind: share(kind) for kind in ("missing", "flat", "saturated")}


def _concatenated(arrays: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.float32)
