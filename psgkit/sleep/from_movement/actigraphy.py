"""Sleep and wake estimated from movement by a named method, labelled as an estimate."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.days.sleep_wake import SleepWake
from psgkit.sleep.from_movement.cole_kripke import COLE_KRIPKE, cole_kripke
from psgkit.sleep.from_movement.oakley import OAKLEY_THRESHOLDS, oakley
from psgkit.sleep.from_movement.sadeh import EPOCH_S, SADEH, sadeh
from psgkit.sleep.from_movement.webster import WEBSTER, webster

VAN_HEES = "van_hees"
"""Needs the angle of the arm, not counts; see ``sustained_inactivity``."""
VAN_HEES_TITLE = "van Hees 2015 (no change of arm angle above 5 degrees for 5 min)"


@dataclass(frozen=True, kw_only=True, slots=True)
class CountMethod:
    """A method on counts: name, length of epochs, source of its numbers, function.

    ``apply`` takes counts and a scale and returns states; ``rescored`` names the rules after it.
    """

    title: str
    epoch_s: float
    source: str
    apply: Callable[[NDArray[np.float64], float], NDArray[np.int8]]
    rescored: str = ""


def _cole_kripke(variant: str, rescored: str) -> CountMethod:
    weights, rules = COLE_KRIPKE[variant], WEBSTER.get(rescored)
    after = f", rescored by {rules.title}" if rules else ""

    def apply(counts: NDArray[np.float64], scale: float) -> NDArray[np.int8]:
        state = cole_kripke(counts, variant, scale=scale)
        return webster(state, weights.epoch_s, rescored) if rules else state

    return CountMethod(
        title=f"{weights.title}{after}",
        epoch_s=weights.epoch_s,
        source=weights.source + (f"; rescoring {rules.source}" if rules else ""),
        apply=apply,
        rescored=rescored,
    )


def _sadeh(variant: str) -> CountMethod:
    def apply(counts: NDArray[np.float64], scale: float) -> NDArray[np.int8]:
        return sadeh(counts, variant, scale=scale)

    rule = SADEH[variant]
    return CountMethod(title=rule.title, epoch_s=EPOCH_S, source=rule.source, apply=apply)


def _oakley(threshold: str, epoch_s: float) -> CountMethod:
    limit = f"{OAKLEY_THRESHOLDS[threshold]:g}" if threshold in OAKLEY_THRESHOLDS else "automatic"

    def apply(counts: NDArray[np.float64], scale: float) -> NDArray[np.int8]:
        return oakley(counts, threshold, epoch_s=epoch_s, scale=scale)

    return CountMethod(
        title=f"Oakley 1997 (threshold {limit}, {epoch_s:g} s)",
        epoch_s=epoch_s,
        source="weights and thresholds as pyActigraphy has them",
        apply=apply,
    )


_MAKERS: dict[str, Callable[[], CountMethod]] = {
    **{f"cole_kripke_{v}": partial(_cole_kripke, v, "") for v in COLE_KRIPKE},
    **{
        f"cole_kripke_{v}_{name}": partial(_cole_kripke, v, rules)
        for v in COLE_KRIPKE
        for name, rules in (("webster", "a-e"), ("webster_a-d", "a-d"))
    },
    **{f"sadeh_{variant}": partial(_sadeh, variant) for variant in SADEH},
    **{
        f"oakley_{threshold}_{epoch_s:g}s": partial(_oakley, threshold, epoch_s)
        for threshold in (*OAKLEY_THRESHOLDS, "auto")
        for epoch_s in (60.0, 30.0, 15.0)
    },
}
COUNT_METHODS = tuple(_MAKERS)
"""Names of the methods on counts; disputed variants have separate names."""
METHODS = (VAN_HEES, *COUNT_METHODS)


def count_method(name: str) -> CountMethod:
    """Return the method called ``name``.

    Examples
    --------
    >>> count_method("sadeh_ps-4").title
    'Sadeh 1994 (PS above -4)'
    """
    if name not in _MAKERS:
        raise ValueError(f"no method {name!r} on counts; there are {', '.join(COUNT_METHODS)}")
    return _MAKERS[name]()


def estimated_label(place: str, title: str) -> str:
    """Return the name under which sleep scored from movement must be shown.

    Examples
    --------
    >>> estimated_label("left_wrist", "Sadeh 1994 (PS above -4)")
    'sleep estimated from left wrist movement by Sadeh 1994 (PS above -4)'
    """
    where = f"{place.replace('_', ' ')} movement" if place else "movement"
    return f"sleep estimated from {where} by {title}"


def sleep_from_counts(
    counts: NDArray[np.float64],
    method: str,
    *,
    start_s: float = 0.0,
    scale: float = 1.0,
    place: str = "",
) -> SleepWake:
    """Return sleep and wake from counts in epochs of the length the method needs.

    Examples
    --------
    >>> found = sleep_from_counts(np.zeros(3), "cole_kripke_1min", place="left_wrist")
    >>> found.state.tolist(), found.label
    ([1, 1, 1], 'sleep estimated from left wrist movement by Cole-Kripke 1992 (1 min)')
    """
    chosen = count_method(method)
    return SleepWake(
        state=chosen.apply(counts, scale),
        epoch_s=chosen.epoch_s,
        start_s=start_s,
        label=estimated_label(place, chosen.title),
    )


def in_epochs(counts: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Return counts summed over ``factor`` epochs each; NaN where any of them is missing.

    Examples
    --------
    >>> in_epochs(np.array([1.0, 2.0, np.nan, 4.0, 5.0]), 2).tolist()
    [3.0, nan]
    """
    whole = len(counts) // factor * factor
    return np.asarray(counts[:whole].reshape(-1, factor).sum(axis=1))
