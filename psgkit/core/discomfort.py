"""Answers about discomfort, prompt by prompt."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.frozen import check_same_length, frozen, words

DISCOMFORT_SITES = ("legs", "arms", "trunk")
"""Parts of the body a prompt may ask about; an empty site is the whole body."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Discomfort:
    """Answers to the prompts of a test, sorted by time.

    Attributes
    ----------
    time_s : float64 array, shape (n,)
        Seconds from the start of the recording.
    score : float64 array, shape (n,)
        From 0 (none) to ``scale_max``.
    site : str array, shape (n,)
        One of ``DISCOMFORT_SITES``, or empty where the prompt named no part of the body.
    scale_max : float
        100 for a visual analogue scale in mm, 10 for a numerical one.
    """

    time_s: NDArray[np.float64]
    score: NDArray[np.float64]
    site: NDArray[np.str_]
    scale_max: float

    def __post_init__(self) -> None:
        time_s, score, site = frozen(self.time_s), frozen(self.score), words(self.site)
        check_same_length("Discomfort", time_s=time_s, score=score, site=site)
        unknown = sorted(set(site.tolist()) - {"", *DISCOMFORT_SITES})
        if unknown:
            raise ValueError(f"unknown sites {unknown}; known are {', '.join(DISCOMFORT_SITES)}")
        if not (np.isfinite(time_s).all() and ((score >= 0) & (score <= self.scale_max)).all()):
            raise ValueError(f"times must be finite and scores from 0 to {self.scale_max:g}")
        order = np.argsort(time_s, kind="stable")
        for name, column in (("time_s", time_s), ("score", score), ("site", site)):
            object.__setattr__(self, name, frozen(column[order], dtype=column.dtype))

    def __len__(self) -> int:
        return len(self.time_s)

    @classmethod
    def of(
        cls,
        time_s: Sequence[float],
        score: Sequence[float],
        site: Sequence[str] | str = "",
        scale_max: float = 100.0,
    ) -> "Discomfort":
        """Return answers from plain sequences; a single ``site`` holds for all.

        Examples
        --------
        >>> Discomfort.of([300.0, 600.0], [12, 40]).score.tolist()
        [12.0, 40.0]
        """
        return cls(
            time_s=np.asarray(time_s, dtype=np.float64),
            score=np.asarray(score, dtype=np.float64),
            site=words([site] * len(time_s) if isinstance(site, str) else site),
            scale_max=scale_max,
        )

    @property
    def unit(self) -> str:
        """Return the unit of the scale: mm of a line of 100 mm, else points."""
        return "mm" if self.scale_max == 100.0 else "points"  # noqa: PLR2004 - a line of 10 cm

    def at(self, site: str) -> "Discomfort":
        """Return the answers about ``site``."""
        return self.where(self.site == site)

    def where(self, mask: NDArray[np.bool_]) -> "Discomfort":
        """Return the rows where ``mask`` is True."""
        return Discomfort(
            time_s=self.time_s[mask],
            score=self.score[mask],
            site=self.site[mask],
            scale_max=self.scale_max,
        )
