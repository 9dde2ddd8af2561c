"""Scored events: arousals, respiratory events, lights, movements."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, check_spans, frozen, words
from psgkit.core.intervals import Intervals
from psgkit.core.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

RESPIRATORY_KINDS = ("apnea", "hypopnea", "rera")
KNOWN_KINDS = ("lm", "arousal", *RESPIRATORY_KINDS, "lights_off", "lights_on", "artifact")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Events(Shown):
    """A table of events, sorted by onset.

    Attributes
    ----------
    onset_s, end_s : float64 arrays, shape (n,)
        Seconds from the start of the recording; the end is excluded.
    kind, site : str arrays, shape (n,)
        See ``KNOWN_KINDS`` and ``Site``; other kinds are kept and ignored.
    """

    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    kind: NDArray[np.str_]
    site: NDArray[np.str_]

    def __post_init__(self) -> None:
        onset_s, end_s = frozen(self.onset_s), frozen(self.end_s)
        kind, site = words(self.kind), words(self.site)
        check_same_length("Events", onset_s=onset_s, end_s=end_s, kind=kind, site=site)
        check_spans("Events", onset_s, end_s)
        order = np.argsort(onset_s, kind="stable")
        for name, column in zip(
            ("onset_s", "end_s", "kind", "site"), (onset_s, end_s, kind, site), strict=True
        ):
            object.__setattr__(self, name, frozen(column[order], dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.onset_s)

    @classmethod
    def none(cls) -> "Events":
        """Return an empty table."""
        return cls.of([], [], [], [])

    @classmethod
    def of(
        cls,
        onset_s: Sequence[float] | NDArray[Any],
        end_s: Sequence[float] | NDArray[Any],
        kind: Sequence[str] | NDArray[Any],
        site: Sequence[str] | NDArray[Any],
    ) -> "Events":
        """Return a table from plain sequences.

        Examples
        --------
        >>> len(Events.of([3.0], [13.0], ["arousal"], [""]))
        1
        """
        return cls(
            onset_s=np.asarray(onset_s, dtype=np.float64),
            end_s=np.asarray(end_s, dtype=np.float64),
            kind=words(kind),
            site=words(site),
        )

    def _line(self) -> str:
        counts = Counter(self.kind.tolist())
        said = ", ".join(f"{kind} {n}" for kind, n in counts.most_common())
        return f"{len(self)}: {said}" if said else "none"

    def where(self, mask: NDArray[np.bool_]) -> "Events":
        """Return the rows where ``mask`` is True."""
        return Events.of(self.onset_s[mask], self.end_s[mask], self.kind[mask], self.site[mask])

    def of_kind(self, kinds: Collection[str]) -> "Events":
        """Return the rows whose kind is one of ``kinds``."""
        return self.where(np.isin(self.kind, list(kinds)))

    def joined_with(self, other: "Events") -> "Events":
        """Return the rows of both tables."""
        return Events.of(
            np.concatenate((self.onset_s, other.onset_s)),
            np.concatenate((self.end_s, other.end_s)),
            [*self.kind, *other.kind],
            [*self.site, *other.site],
        )

    def shifted(self, seconds: float) -> "Events":
        """Return the same rows, ``seconds`` later."""
        return Events.of(self.onset_s + seconds, self.end_s + seconds, self.kind, self.site)

    def intervals(self) -> Intervals:
        """Return onset and end, shape ``(n, 2)``; events may overlap."""
        return np.column_stack((self.onset_s, self.end_s))

    def to_frame(self) -> "pd.DataFrame":
        """Return the table as it is written to CSV."""
        import pandas as pd

        return pd.DataFrame(
            {
                "onset_s": self.onset_s,
                "duration_s": self.end_s - self.onset_s,
                "kind": self.kind.astype(object),
                "site": self.site.astype(object),
            }
        )
