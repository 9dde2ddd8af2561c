"""Which marks that say "PLM" are movements, and which are bars over a whole series.

Programs use the word for both.  A bar lasts longer than a movement can, or has several movements
under it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from psgkit.core.finding import Finding
from psgkit.core.site import Site

LONGEST_MOVEMENT_S = 15.0
"""The longest a bilateral movement may last (WASM 2016)."""
FEWEST_UNDER_A_BAR_N = 2

_OVERLAPPING = {
    Site.LEFT_LEG: (Site.LEFT_LEG, Site.BOTH_LEGS, Site.NONE),
    Site.RIGHT_LEG: (Site.RIGHT_LEG, Site.BOTH_LEGS, Site.NONE),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One event on its way into the table."""

    onset_s: float
    end_s: float
    kind: str
    site: Site
    is_plm: bool


def without_series_bars(
    rows: Sequence[EventRow], where: str
) -> tuple[list[EventRow], tuple[Finding, ...]]:
    """Return the rows with every "PLM" as what it is: a movement (``lm``) or a bar (``plm``).

    A bar is longer than 15 s, or covers the onsets of two movements.  A shorter mark that overlaps
    one movement of the same leg says the same as that movement, and becomes ``plm`` as well.

    Examples
    --------
    >>> row = EventRow(onset_s=0.0, end_s=90.0, kind="plm", site=Site.NONE, is_plm=True)
    >>> [found.kind for found in without_series_bars([row], "night.txt")[0]]
    ['plm']
    """
    movements = sorted(
        (row for row in rows if row.kind == "lm" and not row.is_plm), key=lambda row: row.onset_s
    )
    onsets_s = _Onsets(movements)
    kept: list[EventRow] = []
    n_bars = n_twice = n_movements = 0
    for row in rows:
        if not row.is_plm:
            kept.append(row)
            continue
        if row.end_s - row.onset_s > LONGEST_MOVEMENT_S or _covers_several(row, onsets_s):
            n_bars += 1
            kept.append(replace(row, kind="plm"))
        elif onsets_s.overlaps(row):
            n_twice += 1
            kept.append(replace(row, kind="plm"))
        else:
            n_movements += 1
            kept.append(replace(row, kind="lm"))
    return kept, _findings(where, (n_bars, n_twice, n_movements), len(movements))


class _Onsets:
    """Movements by their onset, to be asked for those in a stretch of time."""

    def __init__(self, movements: Sequence[EventRow]) -> None:
        self._movements = movements
        self._onsets_s = [row.onset_s for row in movements]
        self._longest_s = max((row.end_s - row.onset_s for row in movements), default=0.0)

    def between(self, first_s: float, last_s: float) -> Sequence[EventRow]:
        """Return the movements that begin from ``first_s`` to ``last_s``."""
        low, high = bisect_left(self._onsets_s, first_s), bisect_right(self._onsets_s, last_s)
        return self._movements[low:high]

    def overlaps(self, mark: EventRow) -> bool:
        """Return whether a movement of the same leg shares time with ``mark``."""
        near = self.between(mark.onset_s - self._longest_s, mark.end_s)
        return any(row.end_s >= mark.onset_s and _same_leg(row, mark) for row in near)


def _covers_several(mark: EventRow, onsets_s: _Onsets) -> bool:
    """Return whether so many movements begin under a mark that it is a bar."""
    under = [row for row in onsets_s.between(mark.onset_s, mark.end_s) if _same_leg(row, mark)]
    # left and right together are one movement of both legs
    n_sides = max((sum(row.site == site for row in under) for site in Site), default=0)
    return n_sides >= FEWEST_UNDER_A_BAR_N


def _same_leg(row: EventRow, mark: EventRow) -> bool:
    """Return whether two marks may be of the same leg."""
    return row.site in _OVERLAPPING.get(mark.site, tuple(Site))


def _findings(where: str, counts: tuple[int, int, int], n_lm: int) -> tuple[Finding, ...]:
    """Say what the marks were taken for."""
    n_bars, n_twice, n_movements = counts
    found = []
    if n_bars:
        message = (
            f"{n_bars} marks 'PLM' last longer than {LONGEST_MOVEMENT_S:g} s or cover several "
            "movements: taken as bars over a series, and not as movements"
        )
        found.append(Finding("info", "events.plm_series", where, message))
    if n_twice:
        message = (
            f"{n_twice} marks 'PLM' overlap a movement that is marked as LM: taken as that movement"
        )
        found.append(Finding("info", "events.plm_twice", where, message))
    if n_movements:
        beside = f"beside {n_lm} marks 'LM'" if n_lm else "and there are no marks 'LM'"
        message = (
            f"{n_movements} marks 'PLM' are as long as a movement, {beside}: taken as movements"
        )
        found.append(Finding("warning", "events.plm_movements", where, message))
    return tuple(found)
