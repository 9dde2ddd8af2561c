"""Lanes of the overview of a night: spans of movements, postures and events, in seconds."""

from collections.abc import Iterator
from dataclasses import field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS
from psgkit.core.hypnogram import ASLEEP, Hypnogram
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import NightReport
from psgkit.core.postures import POSTURES
from psgkit.core.site import Site
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.words import (
    EVENT_NAMES,
    POSTURE_NAMES,
    TRAIN_NAMES,
    capitalised,
    site_in_words,
    word_of,
)

_LEVELS = ("W", "R", "N1", "N2", "N3")
Spans: TypeAlias = NDArray[np.float64]
Lane: TypeAlias = tuple[str, list[tuple[str, Spans]]]
_EVENT_LANES = (
    ("arousals", marked("Arousals"), ("arousal",)),
    ("respiratory", marked("Respiratory"), RESPIRATORY_KINDS),
)
"""Style, title and kinds of each lane of scored events."""


def stage_levels(hypnogram: Hypnogram) -> tuple[str, ...]:
    """Return the levels of a drawn hypnogram, from the top; sleep of unknown stage only if any.

    Examples
    --------
    >>> stage_levels(Hypnogram.of(["W", "N2"])), stage_levels(Hypnogram.of(["SLEEP"]))[:2]
    (('W', 'R', 'N1', 'N2', 'N3'), ('W', 'SLEEP'))
    """
    return _LEVELS if hypnogram.tells_stages else ("W", ASLEEP, *_LEVELS[1:])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NightLane:
    """One line of marks.

    Attributes
    ----------
    title : str
    spans : array, shape (n, 2)
        Seconds, by onset.
    styles : str array, shape (n,)
        Style of each mark.
    words : str array, shape (n,)
        Label of each mark.
    rows : int64 array, shape (n,)
        Rows of the table of movements; empty in other lanes.
    series : array, shape (k, 2)
        Begin and end of each series of movements.
    """

    title: str
    spans: Intervals
    styles: NDArray[np.str_]
    words: NDArray[np.str_]
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    series: Intervals = field(default_factory=lambda: no_intervals(np.float64))

    def by_style(self) -> Iterator[tuple[str, Intervals]]:
        """Yield the spans of each style."""
        for style in dict.fromkeys(self.styles.tolist()):
            yield style, self.spans[self.styles == style]


def lanes(report: NightReport) -> Iterator[Lane]:
    """Yield title and spans by style of each lane, for a static figure."""
    return ((lane.title, list(lane.by_style())) for lane in night_lanes(report))


def night_lanes(report: NightReport) -> Iterator[NightLane]:
    """Yield the lanes: movements of each site, rhythms, posture, arousals, breathing."""
    yield from movement_lanes(report.movements)
    yield from _rhythm_lanes(report)
    if len(report.postures):
        yield _posture_lane(report)
    for style, title, wanted in _EVENT_LANES:
        events = report.events.of_kind(wanted)
        if len(events):
            yield NightLane(
                title=_(title),
                spans=events.intervals(),
                styles=np.full(len(events), style),
                words=_in_words(EVENT_NAMES, events.kind),
            )


def lane_legend(report: NightReport) -> tuple[tuple[str, str], ...]:
    """Return style and label of marks that not every night has."""
    words = []
    if len(report.rhythms):
        words.append(("rhythm", _("rhythmic train")))
    seen = set(report.postures.posture.tolist())
    words += [(f"posture-{name}", POSTURE_NAMES[name]) for name in POSTURES if name in seen]
    return tuple(words)


def _in_words(words: Words, names: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return the label of each mark of a lane."""
    return np.array([word_of(words, name) for name in names.tolist()], dtype=np.str_)


def movement_lanes(scored: ScoredMovements) -> Iterator[NightLane]:
    """Yield one lane for each site, EMG and accelerometers separate."""
    found = scored.movements
    styles = np.where(scored.plm, "plm", np.where(scored.candidate, "candidate", "movement"))
    known = [str(site) for site in Site]
    ranked = sorted(
        {*zip(found.modality.tolist(), found.site.tolist(), strict=True)},
        key=lambda one: (
            one[0] == "accelerometer",
            known.index(one[1]) if one[1] in known else len(known),
            one,
        ),
    )
    for modality, site in ranked:
        rows = np.flatnonzero((found.site == site) & (found.modality == modality))
        title = capitalised(site_in_words(site))
        yield NightLane(
            title=_("{site}, sensor", site=title) if modality == "accelerometer" else title,
            spans=found.intervals()[rows],
            styles=styles[rows],
            words=styles[rows],
            rows=rows,
            series=_series(found.intervals()[rows], scored.series[rows]),
        )


def _series(spans: Intervals, series: NDArray[np.int64]) -> Intervals:
    """Return begin and end of each series, shape ``(k, 2)``."""
    inside = series > 0
    numbers, place = np.unique(series[inside], return_inverse=True)
    first, last = np.full(len(numbers), np.inf), np.full(len(numbers), -np.inf)
    np.minimum.at(first, place, spans[inside, 0])
    np.maximum.at(last, place, spans[inside, 1])
    return np.column_stack((first, last))


def _rhythm_lanes(report: NightReport) -> Iterator[NightLane]:
    """Yield one lane for each site with rhythmic trains."""
    trains = report.rhythms
    for site in sorted(set(trains.site.tolist())):
        here = trains.site == site
        yield NightLane(
            title=_("{site}, rhythm", site=capitalised(site_in_words(site))),
            spans=trains.intervals()[here],
            styles=np.full(int(here.sum()), "rhythm"),
            words=_in_words(TRAIN_NAMES, trains.kind[here]),
        )


def _posture_lane(report: NightReport) -> NightLane:
    posture = report.postures.posture
    return NightLane(
        title=_("Posture"),
        spans=np.column_stack((report.postures.onset_s, report.postures.end_s)),
        styles=np.char.add("posture-", posture),
        words=_in_words(POSTURE_NAMES, posture),
    )
