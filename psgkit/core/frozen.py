"""Checks for the data classes of ``core``: arrays are read-only and of equal length."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def frozen(values: ArrayLike, dtype: Any = np.float64) -> NDArray[Any]:  # noqa: ANN401
    """Return ``values`` as a read-only copy; ``dtype`` is anything numpy accepts.

    A read-only array of that type that is no view is not copied, to save memory.
    """
    given = values if isinstance(values, np.ndarray) and values.base is None else None
    if given is not None and given.dtype == dtype and not given.flags.writeable:
        return given
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that its maker gives away: ``frozen`` takes it without a copy.

    Examples
    --------
    >>> given = read_only(np.zeros(3))
    >>> frozen(given) is given
    True
    """
    array.setflags(write=False)
    return array


def smallest(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a copy of numbers, with four bytes each where that loses nothing.

    Examples
    --------
    >>> smallest(np.array([1.0, np.nan])).dtype.itemsize, smallest(np.array([0.1])).dtype.itemsize
    (4, 8)
    """
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
    return short if np.array_equal(short, values, equal_nan=True) else values.copy()


def frozen_numbers(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return numbers as a read-only copy, of four or eight bytes as they were given."""
    return frozen(values, np.float32 if np.asarray(values).dtype == np.float32 else np.float64)


def words(values: Sequence[str] | NDArray[Any]) -> NDArray[np.str_]:
    """Return a read-only array of text; ``StrEnum`` members become their plain values."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "U":
        return frozen(values, dtype=values.dtype)
    return frozen([str(value) for value in values], dtype=np.str_)


def check_same_length(owner: str, **columns: NDArray[Any]) -> None:
    """Raise ``ValueError`` unless all columns have one length."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{owner}: columns differ in length: {lengths}")


def check_spans(owner: str, onset_s: NDArray[Any], end_s: NDArray[Any]) -> None:
    """Raise ``ValueError`` unless all times are finite and no end lies before its onset."""
    bad = ~(np.isfinite(onset_s) & np.isfinite(end_s) & (end_s >= onset_s))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"{owner}: row {row} runs from {onset_s[row]} to {end_s[row]} s; "
            "times must be finite and an end must not lie before its onset"
        )
