"""Features of movement at rest for and against akathisia, group ``akathisia``.

Akathisia was measured as large, rhythmic movement of the feet below 4 Hz while seated (Braude and
Barnes 1984, Rapoport 1994, abstracts), with a high ratio of ankle to waist (Tuisku 2003, abstract
without numbers; ADHD does the same) and more by day, while the night did not differ (Poyurovsky
2000, abstract).  No published threshold exists and none is applied.  Foot tremor of people falling
asleep lies in the same band and mostly in wake: rhythm alone is not akathisia.  How the features
are computed is psgkit's own choice.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from psgkit.conditioning.acceleration.gravity import GravityTrack
from psgkit.core.bounds import SLACK_S
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES
from psgkit.core.index import Index, all_missing
from psgkit.core.intervals import (
    Intervals,
    complement,
    intersect,
    no_intervals,
    runs_of_true,
    total,
    union,
)
from psgkit.core.message import translatable
from psgkit.core.postures import LYING, Postures
from psgkit.core.rhythms import Rhythms
from psgkit.core.site import GROUP_SITES, Site
from psgkit.sleep.time_in_stages import SECONDS_PER_HOUR, NightTime

GROUP = "akathisia"
_DAY_H = (8.0, 20.0)
"""The day of the day to night ratio, hours of the clock (rule sheet)."""
_LEAST_HOURS = 1.0
_MINUTE_S = 60.0
_NO_POSTURE = translatable("no trunk accelerometer: posture is not known")
_WAIST = ("waist", "lumbar", "belt", "hip", "back", "abdomen")
"""Places of the trunk that count as a waist, best first; other places come after them."""
_NOT_ANKLE = ("thigh", "knee", "hip")
_MG = 1000.0
NO_ANKLE = translatable("no accelerometer at an ankle or foot")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AkathisiaNight:
    """Input of the features of akathisia.

    Attributes
    ----------
    time : NightTime
        Its observed time is that of leg EMG, used where no ankle has an accelerometer.
    rhythms : Rhythms
        Of all sensors and modalities.
    tracks, sites : mappings of place to GravityTrack, and to Site
        Of all accelerometers.
    walking, disturbed : Intervals
        Time that is not rest: walking; turns and gross movements.
    walking_known : bool
        Whether any sensor can detect walking.
    postures : Postures or None
        None without a trunk sensor.
    leg_emg : bool
        Whether leg EMG was searched for trains.
    start : datetime or None
        Clock time of second 0.
    """

    time: NightTime
    rhythms: Rhythms
    tracks: Mapping[str, GravityTrack] = field(default_factory=dict)
    sites: Mapping[str, Site] = field(default_factory=dict)
    walking: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    disturbed: Intervals = field(default_factory=lambda: no_intervals(np.float64))
    walking_known: bool = True
    postures: Postures | None = None
    leg_emg: bool = False
    start: datetime | None = None

    def ankles(self) -> list[str]:
        """Return the places of accelerometers at ankles and feet."""
        return [
            place
            for place, site in self.sites.items()
            if site in GROUP_SITES["legs"]
            and place in self.tracks
            and not any(word in place for word in _NOT_ANKLE)
        ]

    def waist(self) -> str:
        """Return the place of the trunk sensor nearest to a waist, empty without one."""
        trunk = [p for p, s in self.sites.items() if s == Site.TRUNK and p in self.tracks]
        order = [next((k for k, w in enumerate(_WAIST) if w in p), len(_WAIST)) for p in trunk]
        return trunk[int(np.argmin(order))] if trunk else ""

    def observed(self) -> Intervals:
        """Return the time in which a train could be detected at a leg."""
        ankles = self.ankles()
        if ankles:
            return union(*(usable_time(self.tracks[place]) for place in ankles))
        return self.time.observed if self.leg_emg else no_intervals(np.float64)

    def trains(self) -> Rhythms:
        """Return the trains at ankles and feet, or in leg EMG where no ankle has a sensor."""
        ankles = self.ankles()
        if ankles:
            return self.rhythms.where(
                (self.rhythms.kind == "rhythm") & np.isin(self.rhythms.place, ankles)
            )
        legs = np.isin(self.rhythms.site, GROUP_SITES["legs"])
        return self.rhythms.where(legs & (self.rhythms.modality == "emg"))

    def still(self, stages: tuple[str, ...] | None) -> Intervals:
        """Return observed time in ``stages`` (None: any) less walking, turns, gross movements."""
        still = self.observed()
        if stages is not None and self.time.hypnogram is not None:
            still = intersect(still, self.time.hypnogram.stretches(stages))
        if not len(still):
            return still
        moved = union(self.walking.astype(np.float64), self.disturbed.astype(np.float64))
        return intersect(still, complement(moved, float(still[0, 0]), float(still[-1, 1])))

    def rest(self) -> Intervals:
        """Return waking rest: the ``still`` time of wake, or of all time without a hypnogram."""
        return self.still(("W",))

    def why_no_rest(self) -> str:
        """Return the reason why there is no waking rest."""
        if not self.ankles() and not self.leg_emg:
            return translatable(f"{NO_ANKLE}, and no leg EMG")
        return translatable("no waking rest while a leg could be seen")


def akathisia_indices(night: AkathisiaNight) -> dict[str, Index]:
    """Return the features by name.

    Examples
    --------
    >>> from psgkit.core.night_report import Lights
    >>> from psgkit.sleep.time_in_stages import NightTime
    >>> hour = np.array([[0.0, 3600.0]])
    >>> lights = Lights(off_s=0.0, on_s=3600.0, off_source="", on_source="")
    >>> clock = NightTime(hypnogram=None, lights=lights, observed=hour)
    >>> trains = Rhythms.of(
    ...     [0.0], [900.0], [1.5], site="left_leg", modality="emg", kind="foot_tremor")
    >>> found = akathisia_indices(AkathisiaNight(time=clock, rhythms=trains, leg_emg=True))
    >>> found["rhythm_rest_share"].value, found["ankle_waist_ratio"].reason
    (0.25, 'no accelerometer at an ankle or foot')
    """
    rest, trains = night.rest(), night.trains()
    found = [
        *rhythm_at_rest(night, rest),
        *_by_posture(night, trains, rest),
        _asleep(night, trains),
        _ankle_waist(night, rest),
        _day_night(night),
        *_rest_activity(night, rest),
    ]
    return {index.name: index for index in found}


def rhythm_at_rest(night: AkathisiaNight, rest: Intervals) -> list[Index]:
    """Return the length of ``rest``, the share filled by trains, and properties of the trains.

    Examples
    --------
    >>> from psgkit.core.night_report import Lights
    >>> from psgkit.sleep.time_in_stages import NightTime
    >>> hour = np.array([[0.0, 3600.0]])
    >>> lights = Lights(off_s=0.0, on_s=3600.0, off_source="", on_source="")
    >>> clock = NightTime(hypnogram=None, lights=lights, observed=hour)
    >>> night = AkathisiaNight(time=clock, rhythms=Rhythms.none(), leg_emg=True)
    >>> [index.value for index in rhythm_at_rest(night, hour)[:2]]
    [60.0, 0.0]
    """
    trains = night.trains()
    rest_min = total(rest) / _MINUTE_S
    return [
        Index.plain("waking_rest_min", rest_min or None, otherwise=night.why_no_rest()),
        _share("rhythm_rest_share", trains, rest, night.why_no_rest()),
        *_train_features(night, trains, rest),
    ]


def akathisia_findings(night: AkathisiaNight) -> list[Finding]:
    """Return findings about the sources of rest and trains.

    Examples
    --------
    >>> from psgkit.core.night_report import Lights
    >>> from psgkit.sleep.time_in_stages import NightTime
    >>> lights = Lights(off_s=0.0, on_s=60.0, off_source="", on_source="")
    >>> clock = NightTime(hypnogram=None, lights=lights, observed=np.array([[0.0, 60.0]]))
    >>> night = AkathisiaNight(time=clock, rhythms=Rhythms.none(), leg_emg=True)
    >>> [finding.code for finding in akathisia_findings(night)]
    ['akathisia.leg_emg', 'akathisia.no_hypnogram']
    """
    if not night.ankles() and not night.leg_emg:
        return []
    found = []
    if not night.ankles():
        message = translatable(f"{NO_ANKLE}: trains at rest are those of leg EMG")
        found.append(Finding("info", "akathisia.leg_emg", GROUP, message))
    if night.time.hypnogram is None:
        message = translatable(
            "no hypnogram: waking rest is all time without walking and turns, sleep included"
        )
        found.append(Finding("info", "akathisia.no_hypnogram", GROUP, message))
    if not night.walking_known:
        message = translatable("walking is not known: it is part of what is called rest")
        found.append(Finding("info", "akathisia.walking_unknown", GROUP, message))
    return found


def _share(name: str, trains: Rhythms, within: Intervals, why: str) -> Index:
    """Return the share of ``within`` that trains fill."""
    filled = total(intersect(union(trains.intervals()), within))
    return Index.share(name, filled, total(within), otherwise=why)


def _overlap_s(spans: Intervals, within: Intervals) -> NDArray[np.float64]:
    """Return the seconds of each span that lie ``within``; spans may overlap each other."""
    if not len(within):
        return np.zeros(len(spans))
    edges = within.ravel()
    below = np.concatenate(
        ([0.0], np.cumsum(np.diff(edges) * (np.arange(len(edges) - 1) % 2 == 0)))
    )
    return np.diff(np.interp(spans, edges, below), axis=1)[:, 0]


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, 0.5 * sums[-1])])


def _train_features(night: AkathisiaNight, trains: Rhythms, rest: Intervals) -> list[Index]:
    overlap_s = _overlap_s(trains.intervals(), rest)
    here, weights = trains.where(overlap_s > 0), overlap_s[overlap_s > 0]
    if not len(here):
        why = (
            translatable("no rhythmic train in waking rest")
            if total(rest) > 0
            else night.why_no_rest()
        )
        names = ("rhythm_frequency_hz", "rhythm_regularity", "rhythm_longest_train_s")
        return list(all_missing(names, why).values())
    pieces = intersect(union(here.intervals()), rest)
    known = np.isfinite(here.regularity)
    mean = np.average(here.regularity[known], weights=weights[known]) if known.any() else None
    return [
        Index.plain("rhythm_frequency_hz", _weighted_median(here.frequency_hz, weights)),
        Index.plain(
            "rhythm_regularity", mean, otherwise=translatable("the trains carry no regularity")
        ),
        Index.plain("rhythm_longest_train_s", np.ptp(pieces, axis=1).max()),
    ]


def _by_posture(night: AkathisiaNight, trains: Rhythms, rest: Intervals) -> list[Index]:
    """Return shares lying and upright: one trunk sensor cannot tell sitting from standing."""
    found = []
    for name, postures in (
        ("rhythm_lying_share", LYING),
        ("rhythm_upright_share", ("upright",)),
    ):
        if night.postures is None:
            found.append(Index.missing(name, _NO_POSTURE))
            continue
        within = intersect(rest, union(night.postures.stretches(postures)))
        why = (
            translatable(f"no waking rest {name.split('_')[1]}")
            if total(rest) > 0
            else night.why_no_rest()
        )
        found.append(_share(name, trains, within, why))
    return found


def _asleep(night: AkathisiaNight, trains: Rhythms) -> Index:
    name = "rhythm_asleep_share"
    if night.time.hypnogram is None:
        return Index.missing(name, night.time.why_no_hours(SLEEP_STAGES))
    if not night.ankles() and not night.leg_emg:
        return Index.missing(name, night.why_no_rest())
    why = translatable("no sleep while a leg could be seen")
    return _share(name, trains, night.still(SLEEP_STAGES), why)


def _ankles_mg(night: AkathisiaNight, within: Intervals) -> tuple[float, float]:
    """Return the mean movement of the observed ankles in mg, and the longest observed hours."""
    means = [mean_mg(night.tracks[place], within) for place in night.ankles()]
    known = [mean for mean, hours in means if hours > 0]
    return (float(np.mean(known)) if known else float("nan")), max(hours for _, hours in means)


def _ankle_waist(night: AkathisiaNight, rest: Intervals) -> Index:
    name, waist = "ankle_waist_ratio", night.waist()
    if not night.ankles():
        return Index.missing(name, NO_ANKLE)
    if not waist:
        return Index.missing(name, translatable("no accelerometer at the trunk"))
    ankle_mg, _ = _ankles_mg(night, rest)
    waist_mg, _ = mean_mg(night.tracks[waist], rest)
    if not (np.isfinite(ankle_mg) and waist_mg > 0):
        return Index.missing(name, translatable(f"no waking rest seen at both ankle and {waist}"))
    return Index.share(name, ankle_mg, waist_mg, otherwise="")


def _rest_activity(night: AkathisiaNight, rest: Intervals) -> list[Index]:
    """Return the mean movement in waking rest, over the ankles and of each."""
    name = "rest_activity_mg"
    if not night.ankles():
        return [Index.missing(name, NO_ANKLE)]
    means = {name: _ankles_mg(night, rest)[0]}
    means |= {f"{name}_{p}": mean_mg(night.tracks[p], rest)[0] for p in night.ankles()}
    return [
        Index.plain(key, mean if np.isfinite(mean) else None, otherwise=night.why_no_rest())
        for key, mean in means.items()
    ]


def _day_night(night: AkathisiaNight) -> Index:
    """Return movement of the ankles by day over that between lights off and on, without walking."""
    name = "day_night_ratio"
    if not night.ankles():
        return Index.missing(name, NO_ANKLE)
    if night.start is None:
        return Index.missing(name, translatable("the recording does not say when it began"))
    still, window = night.still(None), night.time.window()
    lights_on = complement(window, *_ends(still)) if len(still) else no_intervals(np.float64)
    day_mg, day_h = _ankles_mg(night, intersect(lights_on, _days(night.start, still)))
    night_mg, night_h = _ankles_mg(night, intersect(window, still))
    if min(day_h, night_h) < _LEAST_HOURS:
        return Index.missing(
            name,
            translatable(
                f"{day_h:.1f} h of the day (8-20 h, lights on) and {night_h:.1f} h of the night "
                f"were seen, {_LEAST_HOURS:g} h of each are needed"
            ),
        )
    return Index.share(
        name, day_mg, night_mg, otherwise=translatable("no movement between lights off and on")
    )


def _days(start: datetime, spans: Intervals) -> Intervals:
    """Return the part of ``spans`` within the day by the clock."""
    if not len(spans):
        return spans
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    offset_s = (midnight - start) / timedelta(seconds=1)
    first, last = _ends(spans)
    day_s = 24 * SECONDS_PER_HOUR
    days = np.arange(np.floor((first - offset_s) / day_s), np.ceil((last - offset_s) / day_s) + 1)
    begin = offset_s + days * day_s
    light = np.column_stack([begin + hour * SECONDS_PER_HOUR for hour in _DAY_H])
    return intersect(spans, light)


def _ends(spans: Intervals) -> tuple[float, float]:
    return float(spans[0, 0]), float(spans[-1, 1])


def usable_time(track: GravityTrack) -> Intervals:
    """Return the usable time of a track, in seconds."""
    return np.asarray(track.start_s + runs_of_true(track.usable) / track.rate_hz)


def mean_mg(track: GravityTrack, within: Intervals) -> tuple[float, float]:
    """Return the mean movement ``within`` in mg (NaN for none), and the observed hours."""
    # rows whose middle lies within; sums by run, since a week has a million rows
    rows = np.ceil((union(within) - track.start_s) * track.rate_hz - 0.5 - SLACK_S)
    edges = np.clip(rows, 0, len(track.movement_g)).astype(np.int64)
    edges = edges[edges[:, 0] < edges[:, 1]].ravel()
    if not len(edges):
        return float("nan"), 0.0
    # each sum ends at the next edge, the last one at the end of the rows
    usable, starts = track.usable[: edges[-1]], edges[:-1]
    moved_g = np.where(usable, track.movement_g[: edges[-1]], np.float32(0))
    seen_n = int(np.add.reduceat(usable, starts, dtype=np.int64)[::2].sum())
    total_g = float(np.add.reduceat(moved_g, starts, dtype=np.float64)[::2].sum())
    hours = seen_n / track.rate_hz / SECONDS_PER_HOUR
    return (_MG * total_g / seen_n if seen_n else float("nan")), hours
