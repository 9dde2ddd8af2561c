"""Heart-rate response to leg movements in sleep, from heart beats and onsets of movements.

The heart beats faster for some seconds after a periodic leg movement, with or without an arousal
(Winkelman 1999, Sforza et al. 1999).  The rules are psgkit's own choice:

- An interval between beats outside 0.3 to 2 s, or more than 20 % off the median of the five around
  it, is ectopic, missed or false; heart rate is interpolated across up to 5 s without an interval.
- Rhythm is irregular, as in atrial fibrillation, where in 100 intervals the median change from one
  to the next exceeds 10 %; movements there are left out, and a night with more than a third of its
  intervals there is refused.
- Heart rate is taken every 0.5 s from 10 s before to 20 s after the onset, as the difference from
  its mean from 10 to 5 s before.  A response is its largest value within 15 s after the onset.
- Movements tied to respiratory events are left out: an apnoea changes heart rate by itself.
- Control times lie in sleep, every 15 s from the start of each stretch, at least 30 s away from
  every leg movement and respiratory event; heart rate there rises by arousals, turns and chance.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.index import Index, all_missing
from psgkit.core.index_catalogue import names_of
from psgkit.core.intervals import Intervals, contains, no_intervals, union
from psgkit.core.message import translatable
from psgkit.core.night_report import HeartRateCurve
from psgkit.indices.movement import GroupNight

GROUP = "heart_rate"
FEWEST = 10
RISE_PER_MIN = 6.0
"""Smallest rise of heart rate after a single movement that counts as an autonomic arousal."""

_GRID_S = np.arange(-10.0, 20.25, 0.5)
_BASE_UNTIL_S, _PEAK_UNTIL_S = -5.0, 15.0
_BEFORE = _GRID_S <= _BASE_UNTIL_S
_AFTER = (_GRID_S >= 0.0) & (_GRID_S <= _PEAK_UNTIL_S)
_SHORTEST_S, _LONGEST_S = 0.3, 2.0
_AROUND, _MAX_OFF = 5, 0.2
_LONGEST_GAP_S = 5.0
_BLOCK, _MAX_CHANGE, _MAX_IRREGULAR = 100, 0.10, 1 / 3
_LEAST_PEAK_PER_MIN = 0.5
_NREM = ("N1", "N2", "N3")
_KINDS = ("plms", "isolated")
_CONTROL_EVERY_S, _CONTROL_AWAY_S = 15.0, 30.0
_NO_SPANS = no_intervals(np.float64)

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CleanRate:
    """Heart rate at the middle of each interval between beats that is kept.

    Attributes
    ----------
    at_s, per_min : arrays, shape (n,)
    irregular_share : float
        Share of the intervals in irregular rhythm; these are not kept.
    """

    at_s: Floats
    per_min: Floats
    irregular_share: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class HeartRateNight:
    """Indices of the group ``heart_rate``, and curves by kind and part of the movements."""

    indices: Mapping[str, Index]
    curves: Mapping[str, HeartRateCurve]


def clean_rate(beats_s: Floats) -> CleanRate:
    """Return heart rate without ectopic, missed and false beats and without irregular rhythm.

    Parameters
    ----------
    beats_s : array, shape (n,)
        Sorted times of heart beats.

    Examples
    --------
    >>> beats_s = np.arange(0.0, 60.0)
    >>> beats_s[20] -= 0.4
    >>> rate = clean_rate(beats_s)
    >>> len(beats_s) - 1 - len(rate.at_s), rate.per_min.max().round(6).item()
    (2, 60.0)
    """
    apart_s = np.diff(beats_s)
    if len(apart_s) < _AROUND:
        return CleanRate(at_s=np.empty(0), per_min=np.empty(0), irregular_share=0.0)
    padded = np.pad(apart_s, _AROUND // 2, mode="edge")
    usual_s = np.median(np.lib.stride_tricks.sliding_window_view(padded, _AROUND), axis=1)
    plausible = (apart_s >= _SHORTEST_S) & (apart_s <= _LONGEST_S)
    irregular = _irregular(apart_s, plausible)
    kept = plausible & ~irregular & (np.abs(apart_s - usual_s) <= _MAX_OFF * usual_s)
    return CleanRate(
        at_s=(beats_s[:-1] + apart_s / 2)[kept],
        per_min=60.0 / apart_s[kept],
        irregular_share=float(irregular.sum() / max(plausible.sum(), 1)),
    )


def _irregular(apart_s: Floats, plausible: Chosen) -> Chosen:
    """Return which plausible intervals lie in blocks of irregular rhythm."""
    found = np.zeros(len(apart_s), dtype=np.bool_)
    rows = np.flatnonzero(plausible)
    # blocks of almost one length: the first ones have one interval more than the others
    n_blocks = max(1, len(rows) // _BLOCK)
    size, longer_n = divmod(len(rows), n_blocks)
    cut = longer_n * (size + 1)
    for part, length in ((rows[:cut], size + 1), (rows[cut:], size)):
        if len(part) and length > 1:
            block = part.reshape(-1, length)
            change = np.abs(np.diff(apart_s[block], axis=1)) / apart_s[block[:, 1:]]
            found[block] = (np.median(change, axis=1) > _MAX_CHANGE)[:, None]
    return found


def responses(rate: CleanRate, onset_s: Floats) -> Floats:
    """Return the change of heart rate around each onset, NaN where it is not known throughout.

    Parameters
    ----------
    rate : CleanRate
    onset_s : array, shape (n,)

    Returns
    -------
    array, shape (n, 61)
        Beats a minute every 0.5 s from -10 to 20 s.

    Examples
    --------
    >>> found = responses(clean_rate(np.arange(0.0, 60.0)), np.array([5.0, 30.0]))
    >>> bool(np.isnan(found[0]).all()), bool((np.abs(found[1]) < 1e-9).all())
    (True, True)
    """
    at_s = onset_s[:, None] + _GRID_S
    if not len(rate.at_s):
        return np.full(at_s.shape, np.nan)
    after = np.searchsorted(rate.at_s, at_s)
    inside = (after > 0) & (after < len(rate.at_s))
    gap_s = np.concatenate(([np.inf], np.diff(rate.at_s)))
    known = inside & (gap_s[np.minimum(after, len(gap_s) - 1)] <= _LONGEST_GAP_S)
    per_min = np.interp(at_s, rate.at_s, rate.per_min)
    change: Floats = per_min - per_min[:, _BEFORE].mean(axis=1, keepdims=True)
    change[~known.all(axis=1)] = np.nan
    return change


def movements_of(legs: GroupNight) -> dict[str, Chosen]:
    """Return which leg movements are PLM in sleep, and which are isolated LM in sleep."""
    scored = legs.scored
    here = legs.in_stages(SLEEP_STAGES) & ~scored.respiratory
    return {"plms": here & scored.plm, "isolated": here & scored.candidate & ~scored.plm}


def why_no_response(legs: GroupNight) -> str:
    """Return why the movements allow no response of heart rate, before beats are looked for."""
    if legs.reason:
        return legs.reason
    if legs.time.hours(SLEEP_STAGES) <= 0:
        return legs.time.why_no_hours(SLEEP_STAGES)
    most = max(int(chosen.sum()) for chosen in movements_of(legs).values())
    return "" if most >= FEWEST else _too_few(most)


def no_response(reason: str) -> HeartRateNight:
    """Return the indices without any value, for one reason."""
    return HeartRateNight(indices=all_missing(names_of(GROUP), reason), curves={})


def control_times(legs: GroupNight, respiratory_s: Intervals = _NO_SPANS) -> Floats:
    """Return times in sleep, away from leg movements and respiratory events."""
    found = [np.empty(0)]
    for begin_s, end_s in legs.time.stretches(SLEEP_STAGES).tolist():
        found.append(np.arange(begin_s, end_s, _CONTROL_EVERY_S))
    times_s = np.concatenate(found)
    busy = union(legs.scored.movements.intervals(), respiratory_s)
    near = np.column_stack((busy[:, 0] - _CONTROL_AWAY_S, busy[:, 1] + _CONTROL_AWAY_S))
    return times_s[~contains(union(near), times_s)]


def heart_rate_night(
    beats_s: Floats, legs: GroupNight, respiratory_s: Intervals = _NO_SPANS
) -> HeartRateNight:
    """Return the response of heart rate to the movements of the legs.

    Parameters
    ----------
    beats_s : array, shape (n,)
        Sorted times of heart beats, seconds from the start of the recording.
    legs : GroupNight
    respiratory_s : Intervals
        Scored respiratory events, away from which control times lie.
    """
    why = why_no_response(legs)
    if not why and not len(beats_s):
        why = translatable("no heart beats were found in the ECG")
    if why:
        return no_response(why)
    rate = clean_rate(beats_s)
    if rate.irregular_share > _MAX_IRREGULAR:
        return no_response(
            translatable(
                f"irregular heart rhythm in {100 * rate.irregular_share:.0f} % of the intervals "
                "between beats, as in atrial fibrillation or frequent ectopic beats"
            )
        )
    change = responses(rate, legs.scored.movements.onset_s)
    known = np.isfinite(change[:, 0])
    chosen = {kind: rows & known for kind, rows in movements_of(legs).items()}
    curves = {
        f"{kind}_{part}": _curve(change[rows & within])
        for kind, rows in chosen.items()
        for part, within in _parts(legs)
        if (rows & within).sum() >= FEWEST
    }
    at_rest = responses(rate, control_times(legs, respiratory_s))
    at_rest = at_rest[np.isfinite(at_rest[:, 0])]
    if len(at_rest) >= FEWEST:
        curves["control_all"] = _curve(at_rest)
    indices: dict[str, Index] = {}
    for kind in _KINDS:
        indices |= _of_kind(kind, int(chosen[kind].sum()), curves.get(f"{kind}_all"))
    return HeartRateNight(
        indices={
            **indices,
            **_risen(change[chosen["plms"]], at_rest),
            **_shares(change, chosen["plms"], legs),
        },
        curves=curves,
    )


def rise_and_peak(curve: HeartRateCurve) -> tuple[float, float | None]:
    """Return the largest median after the onset and its time, None where the median hardly rises.

    Examples
    --------
    >>> flat = np.zeros(61)
    >>> rise_and_peak(HeartRateCurve(n=10, at_s=_GRID_S, median=flat, low=flat, high=flat))
    (0.0, None)
    """
    after = (curve.at_s >= 0.0) & (curve.at_s <= _PEAK_UNTIL_S)
    median = curve.median[after]
    rise = float(median.max())
    peak_s = float(curve.at_s[after][median.argmax()])
    return rise, peak_s if rise >= _LEAST_PEAK_PER_MIN else None


def _too_few(n: int) -> str:
    return translatable(
        f"{n} movements that count, and the response of heart rate needs at least {FEWEST}"
    )


def _parts(legs: GroupNight) -> Iterator[tuple[str, Chosen]]:
    """Yield the parts of the movements that have a curve of their own."""
    arousal = legs.scored.arousal
    yield "all", np.ones(len(arousal), dtype=np.bool_)
    if legs.has_arousals:
        yield "arousal", arousal
        yield "no_arousal", ~arousal
    yield "nrem", legs.in_stages(_NREM)
    yield "rem", legs.in_stages(("R",))


def _curve(change: Floats) -> HeartRateCurve:
    # far below what a beat can be timed to: a constant rate is a change of exactly 0
    low, median, high = np.round(np.percentile(change, (25, 50, 75), axis=0), 6) + 0.0
    return HeartRateCurve(n=len(change), at_s=_GRID_S, median=median, low=low, high=high)


def _of_kind(kind: str, n: int, curve: HeartRateCurve | None) -> dict[str, Index]:
    n_name, rise_name, peak_name = (f"heart_{kind}_{end}" for end in ("n", "rise_bpm", "peak_s"))
    found = {n_name: Index.plain(n_name, n)}
    if curve is None:
        return {**found, **all_missing((rise_name, peak_name), _too_few(n))}
    rise, peak_s = rise_and_peak(curve)
    why = translatable(
        f"the median heart rate rises by less than {_LEAST_PEAK_PER_MIN:g} beats a minute"
    )
    return {
        **found,
        rise_name: Index.plain(rise_name, rise),
        peak_name: Index.plain(peak_name, peak_s, otherwise=why),
    }


def _shares(change: Floats, plms: Chosen, legs: GroupNight) -> dict[str, Index]:
    """Return which PLM in sleep had an autonomic arousal alone, and which a cortical one."""
    names, n = ("heart_autonomic_share", "heart_cortical_share"), int(plms.sum())
    if n < FEWEST:
        return all_missing(names, _too_few(n))
    if not legs.has_arousals:
        return all_missing(names, translatable("no arousals were scored"))
    cortical = legs.scored.arousal[plms]
    risen = change[plms][:, _AFTER].max(axis=1) >= RISE_PER_MIN
    counts = (int((risen & ~cortical).sum()), int(cortical.sum()))
    return {
        name: Index.share(name, count, n, otherwise=_too_few(n))
        for name, count in zip(names, counts, strict=True)
    }


def _risen(change: Floats, at_rest: Floats) -> dict[str, Index]:
    """Return how often heart rate rises after PLM in sleep, and after control times."""
    found = {}
    for name, rows, few in (
        ("heart_risen_share", change, _too_few(len(change))),
        (
            "heart_control_share",
            at_rest,
            translatable(
                f"{len(at_rest)} times in sleep without a leg movement within 30 s and with known "
                f"heart rate, and at least {FEWEST} are needed"
            ),
        ),
    ):
        if len(rows) < FEWEST:
            found[name] = Index.missing(name, few)
            continue
        n = int((rows[:, _AFTER].max(axis=1) >= RISE_PER_MIN).sum())
        found[name] = Index.share(name, n, len(rows), otherwise=few)
    return found
