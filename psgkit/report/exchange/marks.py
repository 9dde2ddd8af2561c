"""Scored movements, events and stages as marks in time, in the words of other programs."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import chain
from typing import Literal

import numpy as np

from psgkit.core.dataclass import dataclass
from psgkit.core.events import KNOWN_KINDS
from psgkit.core.hypnogram import UNSCORED
from psgkit.core.night_report import NightReport
from psgkit.core.site import GROUP_SITES, Site
from psgkit.core.stage_source import is_estimate
from psgkit.document.rows import Row, movement_rows
from psgkit.document.values import DECIMALS
from psgkit.io.edf.movement_marks import LARGE_TEXT, SENSOR_TEXT, TEXT, movement_texts

MarkSort = Literal["movement", "event", "stage", "series", "note"]
SENSOR_KIND = "accelerometer_movement"
EVENT_TEXTS = {
    "arousal": "EEG arousal",
    "apnea": "Apnea",
    "hypopnea": "Hypopnea",
    "rera": "RERA",
    "artifact": "Artifact",
    "lights_off": "Lights off",
    "lights_on": "Lights on",
}
_KINDS = {TEXT: "lm", SENSOR_TEXT: SENSOR_KIND, LARGE_TEXT: "large_movement"}
_FACTS = (
    *("site", "candidate", "plm", "plmnr", "series", "series_nr", "respiratory", "arousal"),
    "movement_stage",
)
_LIGHTS = ("lights_off", "lights_on")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredMark:
    """One mark.

    Attributes
    ----------
    onset_s, duration_s : float
        To the microsecond, as in the report.
    sort, kind : str
        ``kind`` is ``lm``, ``accelerometer_movement``, ``large_movement``, a kind of event, a
        stage, ``plm_series``, or ``note``: a text about the whole scoring.
    text, place : str
        ``text`` as other programs write it; ``place`` is a channel, a part of the body, or empty.
    facts : mapping of str to str
        Results of scoring for a movement.
    """

    onset_s: float
    duration_s: float
    sort: MarkSort
    kind: str
    text: str
    place: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole_text(self) -> str:
        """Return the text with its place, as annotations have it (``Limb movement@@EMG LAT``)."""
        return f"{self.text}@@{self.place}" if self.place else self.text


def scored_marks(report: NightReport) -> list[ScoredMark]:
    """Return movements (one mark for each side), events, lights, stages and leg series by onset.

    An epoch that begins before the recording is cut.  Unscored time has no mark.  Before estimated
    stages stands a note that says so, which psgkit recognises when it reads them again.
    """
    every = chain(
        _notes(report), _movements(report), _events(report), _stages(report), _series(report)
    )
    return sorted(every, key=lambda mark: mark.onset_s)


def _movements(report: NightReport) -> Iterator[ScoredMark]:
    rows = movement_rows(report.movements)
    texts = movement_texts(report.movements.movements, report.channels)
    for row, (text, places) in zip(rows, texts, strict=True):
        onset_s, duration_s = _times(row["onset_s"], row["end_s"])
        for place in places:
            yield ScoredMark(
                onset_s=onset_s,
                duration_s=duration_s,
                sort="movement",
                kind=_KINDS[text],
                text=text,
                place=place,
                facts=_facts(row),
            )


def _facts(row: Row) -> dict[str, str]:
    """Return the facts of a movement; for one of an accelerometer without PLM."""
    left_out = ("plm", "plmnr") if row["modality"] == "accelerometer" else ()
    facts = {name: row["stage" if name == "movement_stage" else name] for name in _FACTS}
    return {
        name: str(int(value)) if isinstance(value, bool) else str(value)
        for name, value in facts.items()
        if value is not None and name not in left_out
    }


def _events(report: NightReport) -> Iterator[ScoredMark]:
    """Yield events of known kinds except scored movements and lights, then the lights as used."""
    lights = report.lights
    if lights.off_is_stated:
        yield _event("lights_off", lights.off_s, lights.off_s)
    if lights.on_is_stated:
        yield _event("lights_on", lights.on_s, lights.on_s)
    others = report.events.of_kind([k for k in KNOWN_KINDS if k not in ("lm", *_LIGHTS)])
    rows = zip(others.kind, others.onset_s, others.end_s, others.site, strict=True)
    for kind, onset_s, end_s, site in rows:
        yield _event(str(kind), onset_s, end_s, str(site).replace("_", " "))


def _event(kind: str, onset_s: float, end_s: float, place: str = "") -> ScoredMark:
    onset_s, duration_s = _times(onset_s, end_s)
    return ScoredMark(
        onset_s=onset_s,
        duration_s=duration_s,
        sort="event",
        kind=kind,
        text=EVENT_TEXTS[kind],
        place=place,
    )


def _notes(report: NightReport) -> Iterator[ScoredMark]:
    """Yield the note that the stages were estimated."""
    if is_estimate(report.stages_from):
        text = f"Sleep stages {report.stages_from}"
        yield ScoredMark(
            onset_s=0.0,
            duration_s=0.0,
            sort="note",
            kind="note",
            text=text,
            facts={"text": text},
        )


def _stages(report: NightReport) -> Iterator[ScoredMark]:
    """Yield one mark for each scored epoch."""
    hypnogram = report.hypnogram
    if hypnogram is None:
        return
    for onset_s, stage in zip(hypnogram.epoch_starts_s(), hypnogram.stages, strict=True):
        end_s = onset_s + hypnogram.epoch_s
        if stage != UNSCORED and end_s > 0:
            begin_s, duration_s = _times(max(onset_s, 0.0), end_s)
            yield ScoredMark(
                onset_s=begin_s,
                duration_s=duration_s,
                sort="stage",
                kind=str(stage),
                text=f"Sleep stage {stage}",
            )


def _series(report: NightReport) -> Iterator[ScoredMark]:
    """Yield a bar over each series of the legs, as scoring programs draw them."""
    table = report.movements.movements
    legs = np.isin(table.site, (*GROUP_SITES["legs"], Site.NONE.value))
    numbers = np.where(legs & (table.modality != "accelerometer"), report.movements.series, 0)
    for number in np.unique(numbers[numbers > 0]):
        rows = numbers == number
        onset_s, duration_s = _times(table.onset_s[rows].min(), table.end_s[rows].max())
        yield ScoredMark(
            onset_s=onset_s,
            duration_s=duration_s,
            sort="series",
            kind="plm_series",
            text="PLM series",
        )


def _times(onset_s: float, end_s: float) -> tuple[float, float]:
    """Return onset and duration, rounded as in the report."""
    onset_s, end_s = round(float(onset_s), DECIMALS), round(float(end_s), DECIMALS)
    return onset_s, round(end_s - onset_s, DECIMALS)
