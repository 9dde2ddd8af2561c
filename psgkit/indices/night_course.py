"""Leg movements and arousals in time: hazard of an arousal, cumulative PLM, minutes of the night.

All of it follows from a report, also from one read back: movements, stages and scored arousals.

- Hazard of an arousal around a movement: of the movements that are asleep and without an arousal so
  far, the share in which one begins in a second, from 10 s before to 20 s after the onset (life
  table with delayed entry: a second awake or within an earlier arousal is not at risk).  Arousals
  begin before 41 % and after 59 % of the PLMS they are paired with (Ferri et al. 2015, Sleep
  38:919-924, abstract).  An arousal counts for every movement within reach.
- Cumulative PLM by time of night, after Culpepper et al. 1992 (not read); PLMS decline over the
  night in restless legs (Sforza, Jouny, Ibanez, abstract).
- Minutes: what was counted in each minute of the recording.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS
from psgkit.core.hypnogram import NREM_STAGES, SLEEP_STAGES, UNSCORED
from psgkit.core.intervals import Intervals, intersect, total
from psgkit.core.message import translatable
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.core.site import GROUP_SITES

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, list[Any]]
FIRST_S, LAST_S = -10, 20
EVERY_MIN = 5
PARTS = {"all": SLEEP_STAGES, "nrem": NREM_STAGES, "rem": ("R",)}
_MINUTE_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ArousalHazard:
    """Hazard of an arousal around the onset of movements, second by second.

    Attributes
    ----------
    kind, part : str
        ``plms`` or ``other`` leg movements in sleep without a tie to a respiratory event; ``all``,
        ``nrem`` or ``rem``.
    n : int
        Movements.
    at_s, at_risk, arousals : arrays, shape (30,)
        Second from the onset, movements at risk in it, and arousals that begin in it.
    usual_per_s : float
        Arousals a second of such sleep, over the whole night.
    """

    kind: str
    part: str
    n: int
    at_s: NDArray[np.int64]
    at_risk: NDArray[np.int64]
    arousals: NDArray[np.int64]
    usual_per_s: float

    @property
    def per_s(self) -> NDArray[np.float64]:
        """Return the hazard of each second, NaN where nothing is at risk."""
        at_risk = np.where(self.at_risk > 0, self.at_risk, np.nan)
        return np.asarray(self.arousals / at_risk)


def why_no_hazard(report: NightReport) -> str:
    """Return why there is no hazard of arousals; empty if there is one."""
    if report.hypnogram is None:
        return translatable("no hypnogram: sleep and wake are unknown")
    if not len(report.events.of_kind(["arousal"])):
        return translatable("no arousals were scored")
    return "" if len(_asleep(report)) else translatable("no leg movement in sleep")


def hazards(report: NightReport) -> tuple[ArousalHazard, ...]:
    """Return the hazard by kind and part of the movements; those without movements are left out."""
    if why_no_hazard(report) or report.hypnogram is None:
        return ()
    legs, stages = _asleep(report), report.hypnogram
    arousals_s = report.events.of_kind(["arousal"]).intervals()
    found = []
    for kind, of_kind in (("plms", legs.plm), ("other", ~legs.plm)):
        for part, names in PARTS.items():
            onset_s = legs.movements.onset_s[of_kind & np.isin(legs.stage, names)]
            asleep_s = total(stages.stretches(names))
            if not len(onset_s) or not asleep_s:
                continue
            at_s, at_risk, n = _life_table(onset_s, arousals_s, stages.stretches(SLEEP_STAGES))
            begun = np.isin(stages.stage_at(arousals_s[:, 0]), names)
            found.append(
                ArousalHazard(
                    kind=kind,
                    part=part,
                    n=len(onset_s),
                    at_s=at_s,
                    at_risk=at_risk,
                    arousals=n,
                    usual_per_s=float(begun.sum()) / asleep_s,
                )
            )
    return tuple(found)


def _life_table(
    onset_s: NDArray[np.float64], arousals_s: Intervals, asleep_s: Intervals
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the seconds, the movements at risk in each, and the arousals that begin in it."""
    at_s = np.arange(FIRST_S, LAST_S)
    begin_s = onset_s[:, None] + at_s
    first = np.searchsorted(arousals_s[:, 0], begin_s[:, 0])
    padded_s = np.append(arousals_s[:, 0], np.inf)
    event_s = padded_s[first] - onset_s
    # the longest reach of all arousals before the first within reach
    reach_s = np.append(-np.inf, np.maximum.accumulate(arousals_s[:, 1]))[first] - onset_s
    asleep = _inside(begin_s, asleep_s)
    second = np.floor(np.minimum(event_s, LAST_S))[:, None]
    at_risk = asleep & (at_s >= reach_s[:, None]) & (at_s <= second)
    return at_s, at_risk.sum(axis=0), (at_risk & (at_s == second)).sum(axis=0)


def _inside(times_s: NDArray[np.float64], runs: Intervals) -> NDArray[np.bool_]:
    """Return which times lie in disjoint runs."""
    row = np.searchsorted(runs[:, 0], times_s, side="right") - 1
    ends_s = np.append(runs[:, 1], -np.inf)  # without any run every row is the last
    return np.asarray((row >= 0) & (times_s < ends_s[row]))


def hazard_columns(report: NightReport) -> Columns:
    """Return one row for each kind, part and second."""
    rows = [
        (one.kind, one.part, int(at), int(n), int(k), k / n if n else None, one.usual_per_s)
        for one in hazards(report)
        for at, n, k in zip(one.at_s, one.at_risk, one.arousals, strict=True)
    ]
    names = ("kind", "part", "at_s", "at_risk_n", "arousals_n", "hazard_per_s", "usual_per_s")
    return {name: [row[column] for row in rows] for column, name in enumerate(names)}


def cumulative_columns(report: NightReport) -> Columns:
    """Return sleep and PLM of the legs so far, every five minutes from lights off to lights on.

    What begins at lights off counts, what begins at the moment of a row, or at lights on, does not.
    """
    off_s, on_s = report.lights.off_s, report.lights.on_s
    legs = _of_legs(report.movements)
    times_s = np.append(np.arange(off_s, on_s, EVERY_MIN * _MINUTE_S), on_s)
    begun_s = legs.movements.onset_s
    plm = legs.where(legs.plm & (begun_s >= off_s) & (begun_s < on_s))
    columns: Columns = {
        "after_lights_off_min": ((times_s - off_s) / _MINUTE_S).tolist(),
        "time_s": times_s.tolist(),
    }
    asleep = np.isin(plm.stage, SLEEP_STAGES)
    sleep_min: list[float | None] = [None] * len(times_s)
    if report.hypnogram is not None:
        stretches = report.hypnogram.stretches(SLEEP_STAGES)
        until = (np.array([[off_s, at_s]]) for at_s in times_s)
        sleep_min = [total(intersect(stretches, one)) / _MINUTE_S for one in until]
    columns["sleep_min"] = sleep_min
    for name, rows in (("plms_n", asleep), ("plmw_n", plm.stage == "W"), ("plm_n", plm.plm)):
        onset_s = plm.movements.onset_s[rows]
        columns[name] = np.searchsorted(onset_s, times_s, side="left").tolist()
    return columns


def minute_columns(report: NightReport) -> Columns:
    """Return one row for each minute of the recording; intensity is in uV*s.

    ``stage`` is that of its middle.
    """
    n = max(1, int(np.ceil(report.duration_s / _MINUTE_S - 1e-9)))
    start_s = np.arange(n, dtype=np.float64) * _MINUTE_S
    legs = _of_legs(report.movements)
    intensity = np.where(legs.movements.amplitude_unit == "uV", legs.movements.intensity, np.nan)
    stages = [""] * n
    if report.hypnogram is not None:
        # the last minute may be shorter
        end_s = np.minimum(start_s + _MINUTE_S, report.duration_s)
        found = report.hypnogram.stage_at((start_s + end_s) / 2)
        stages = ["" if stage == UNSCORED else str(stage) for stage in found]
    spans_s = np.column_stack((start_s, start_s + _MINUTE_S))
    recorded_s = np.array([[one.start_s, one.end_s] for one in report.segments]).reshape(-1, 2)
    events = report.events
    known = np.isfinite(intensity) & _within(legs.movements.onset_s, n)
    return {
        "minute": list(range(n)),
        "start_s": start_s.tolist(),
        "recorded_s": [total(intersect(recorded_s, span[None])) for span in spans_s],
        "between_lights": (
            (start_s >= report.lights.off_s) & (start_s < report.lights.on_s)
        ).tolist(),
        "stage": [stage or None for stage in stages],
        "lm_n": _per_minute(legs.movements.onset_s, n),
        "plm_n": _per_minute(legs.movements.onset_s[legs.plm], n),
        "intensity_uv_s": np.bincount(
            _minute_of(legs.movements.onset_s[known]), intensity[known], n
        ).tolist(),
        "arousals_n": _per_minute(events.of_kind(["arousal"]).onset_s, n),
        "respiratory_n": _per_minute(events.of_kind(RESPIRATORY_KINDS).onset_s, n),
    }


def arousal_hazard(report: NightReport) -> "pd.DataFrame":
    """Return the hazard of an arousal around leg movements, one row a kind, part and second.

    Empty where stages or arousals were not scored.  Method and sources: see the module.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=1, seed=1)
    >>> frame = arousal_hazard(analyse_night(night.recording, night.hypnogram, night.events))
    >>> frame.columns[:4].tolist(), sorted(set(frame["at_s"]))[::29]
    (['kind', 'part', 'at_s', 'at_risk_n'], [-10, 19])
    """
    return _frame(hazard_columns(report))


def cumulative_plm(report: NightReport) -> "pd.DataFrame":
    """Return sleep and PLM of the legs so far, every five minutes from lights off.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=1, seed=1)
    >>> frame = cumulative_plm(analyse_night(night.recording, night.hypnogram, night.events))
    >>> bool(frame["plms_n"].is_monotonic_increasing)
    True
    """
    return _frame(cumulative_columns(report))


def minute_series(report: NightReport) -> "pd.DataFrame":
    """Return stage, movements, intensity, arousals and respiratory events of every minute.

    Examples
    --------
    >>> from psgkit import analyse_night, simulate_night
    >>> night = simulate_night("rls", hours=1, seed=1)
    >>> len(minute_series(analyse_night(night.recording, night.hypnogram, night.events)))
    60
    """
    return _frame(minute_columns(report))


def _frame(columns: Columns) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(columns)


def _of_legs(scored: ScoredMovements) -> ScoredMovements:
    """Return the movements of the legs that no accelerometer found."""
    here = np.isin(scored.movements.site, [str(site) for site in GROUP_SITES["legs"]])
    return scored.where(here & (scored.movements.modality != "accelerometer"))


def _asleep(report: NightReport) -> ScoredMovements:
    """Return the leg movements in sleep that are tied to no respiratory event."""
    legs = _of_legs(report.movements)
    return legs.where(np.isin(legs.stage, SLEEP_STAGES) & ~legs.respiratory)


def _within(times_s: NDArray[np.float64], n: int) -> NDArray[np.bool_]:
    """Return which times lie in the ``n`` minutes."""
    return np.asarray((times_s >= 0) & (times_s < n * _MINUTE_S))


def _minute_of(times_s: NDArray[np.float64]) -> NDArray[np.int64]:
    return (times_s / _MINUTE_S).astype(np.int64)


def _per_minute(times_s: NDArray[np.float64], n: int) -> list[int]:
    inside = times_s[_within(times_s, n)]
    counts: Sequence[int] = np.bincount(_minute_of(inside), minlength=n).tolist()
    return list(counts)
