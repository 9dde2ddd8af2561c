"""What a detector saw and why it is no movement."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, check_spans, frozen, words

REASONS = ("sway", "hum", "noise")
"""``sway``: slower than muscle, as a swaying cable; ``hum``: mains hum alone, as of an electrode
that is off; ``noise``: steady white noise, as of an open input."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Rejected:
    """A table of rejected candidates for movements, sorted by onset.

    Attributes
    ----------
    onset_s, end_s : float64 arrays, shape (n,)
        Seconds from the start of the recording.
    site, channel : str arrays, shape (n,)
    reason : str array, shape (n,)
        One of ``REASONS``.
    amplitude_uv : float64 array, shape (n,)
        Mean amplitude above rest before the rejection.
    """

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    site: NDArray[np.str_]
    channel: NDArray[np.str_]
    reason: NDArray[np.str_]
    amplitude_uv: NDArray[np.float64]

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {
            **{n: frozen(getattr(self, n)) for n in ("onset_s", "end_s", "amplitude_uv")},
            **{n: words(getattr(self, n)) for n in ("site", "channel", "reason")},
        }
        check_same_length("Rejected", **columns)
        check_spans("Rejected", columns["onset_s"], columns["end_s"])
        order = np.argsort(columns["onset_s"], kind="stable")
        for name, column in columns.items():
            object.__setattr__(self, name, frozen(column[order], dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.onset_s)

    @classmethod
    def none(cls) -> "Rejected":
        """Return an empty table.

        Examples
        --------
        >>> len(Rejected.none())
        0
        """
        empty, no_words = np.empty(0), np.empty(0, dtype=np.str_)
        return cls(
            onset_s=empty,
            end_s=empty,
            site=no_words,
            channel=no_words,
            reason=no_words,
            amplitude_uv=empty,
        )

    @classmethod
    def joined(cls, tables: "Sequence[Rejected]") -> "Rejected":
        """Return the rows of all ``tables`` in one."""
        if not tables:
            return cls.none()
        names = [field.name for field in fields(cls)]
        parts: dict[str, Any] = {
            name: np.concatenate([getattr(table, name) for table in tables]) for name in names
        }
        return cls(**parts)
