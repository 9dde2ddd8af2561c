"""How much an index differs from night to night."""

from collections.abc import Sequence

import numpy as np

from psgkit.core.index import Index

MIN_NIGHTS = 3
"""Fewer nights have no spread worth a number; ours."""


def night_spread(
    name: str, nights: Sequence[Index], min_nights: int = MIN_NIGHTS
) -> dict[str, Index]:
    """Return mean and standard deviation (of a sample) over the nights that have a value.

    ``numerator`` is how many nights that are.

    Examples
    --------
    >>> nights = [Index.plain("tst_min", minutes, "min") for minutes in (400.0, 420.0, 440.0)]
    >>> found = night_spread("tst_min", nights)
    >>> found["tst_min_mean"].value, found["tst_min_sd"].value
    (420.0, 20.0)
    """
    if not nights:
        raise ValueError(f"{name}: no nights at all")
    unit = nights[0].unit
    values = np.array([night.value for night in nights if night.value is not None])
    names = (f"{name}_mean", f"{name}_sd")
    if len(values) < min_nights:
        why = f"{len(values)} of {len(nights)} nights have it, {min_nights} are needed"
        return {key: Index.missing(key, unit, why) for key in names}
    found = (float(values.mean()), float(values.std(ddof=1)))
    return {
        key: Index(name=key, value=value, unit=unit, numerator=float(len(values)))
        for key, value in zip(names, found, strict=True)
    }
