"""Numbers and settings as plain values: what JSON and CSV can hold, and always the same bytes."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.index import Index
from psgkit.core.message import translatable

DECIMALS = 6
"""Of a second that is a microsecond: the slack of every comparison, far below a sample."""


def tidy_column(values: NDArray[Any]) -> list[float | None]:
    """Return ``values`` rounded to ``DECIMALS``; None where there is no number, never ``-0.0``.

    Examples
    --------
    >>> tidy_column(np.array([0.1 + 0.2, -0.0, np.nan]))
    [0.3, 0.0, None]
    """
    rounded = np.round(np.asarray(values, dtype=np.float64), DECIMALS) + 0.0
    listed: list[float | None] = rounded.tolist()
    for row in np.flatnonzero(~np.isfinite(rounded)):
        listed[row] = None
    return listed


def tidy(value: float | None) -> float | None:
    """Return one time or value rounded to ``DECIMALS``; a small one keeps as many digits.

    Whole numbers stay as they are.

    Examples
    --------
    >>> tidy(12.34567891), tidy(1.23456789e-7), tidy(30), tidy(float("nan"))
    (12.345679, 1.23457e-07, 30, None)
    """
    if value is None or not math.isfinite(value):
        return None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if 0 < abs(value) < 10.0 ** -(DECIMALS // 2):
        return float(f"{value:.{DECIMALS}g}")
    return round(float(value), DECIMALS) + 0.0


def tidy_count(value: float | None) -> float | None:
    """Return ``value`` tidied, as an integer if it is a whole number.

    Examples
    --------
    >>> tidy_count(30.0), tidy_count(30.5)
    (30, 30.5)
    """
    rounded = tidy(value)
    return int(rounded) if rounded is not None and rounded == int(rounded) else rounded


def finite(index: Index) -> Index:
    """Return ``index``, or a missing one with a reason if its value is not a finite number."""
    if index.value is None or math.isfinite(index.value):
        return index
    return Index.missing(
        index.name, translatable("the computed value is no finite number"), unit=index.unit
    )


def plain(value: Any) -> Any:  # noqa: ANN401
    """Return a setting or a piece of evidence as JSON can hold it, not rounded.

    Examples
    --------
    >>> plain({"bins": np.array([1, 2]), "limit_s": float("inf"), "names": ("a", "b")})
    {'bins': [1, 2], 'limit_s': None, 'names': ['a', 'b']}
    """
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None
    if isinstance(value, (str, date)):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    return _plain_parts(value)


def _plain_parts(value: Any) -> Any:  # noqa: ANN401
    """Return a dataclass or a list as JSON can hold it; raise ``TypeError`` for anything else."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return [plain(inner) for inner in sorted(value)]
    raise TypeError(f"a report cannot hold {value!r} ({type(value).__name__})")
