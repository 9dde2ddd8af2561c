"""A measured night as a scoring to correct, and a corrected scoring as a night to score again.

Scoring is done by the functions of a night report: nothing is counted here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from functools import cache, lru_cache

import numpy as np

from psgkit.analysis.groups import NightFrame, Scorer
from psgkit.analysis.sensors import Motion
from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.frozen import words
from psgkit.core.hypnogram import UNSCORED, Hypnogram
from psgkit.core.index import Index
from psgkit.core.movements import Movements
from psgkit.core.night_report import NightReport
from psgkit.core.site import GROUP_SITES
from psgkit.detect.accelerometer.channels import GROUP_PREFIX, ROLE, axes_together
from psgkit.detect.emg.channels import GroupDetection
from psgkit.night.assemble import spinal_indices
from psgkit.night.walk import MeasuredNight, report_of_measured
from psgkit.review.marks import (
    ALL_KINDS,
    KINDS,
    SENSOR_KINDS,
    Mark,
    Scoring,
    SensorPlace,
    Stages,
    Window,
)

_LIGHTS = ("lights_off", "lights_on")
_EPOCH_S = 30.0


def scoring_of(night: MeasuredNight, *, blind: bool = False) -> Scoring:
    """Return what was detected and what was scored before, as marks that can be corrected.

    A ``blind`` scoring begins without movements; what the scorer was given remains.
    """
    frame = NightFrame.of(night.recording, night.scorer, night.settings)
    events = night.scorer.events
    others = events.of_kind([kind for kind in KINDS if kind != "lm"])
    marks = [] if blind else list(_detected(night.detected.values()))
    sensed = [] if blind else list(_sensed(night.motion))
    marks += [
        Mark.as_found(
            id="",
            kind=str(others.kind[row]),
            onset_s=float(others.onset_s[row]),
            end_s=float(others.end_s[row]),
            site=str(others.site[row]),
            origin="scored",
        )
        for row in range(len(others))
    ]
    # those of sensors have numbers of their own: the others keep theirs whatever sensors record
    named = [
        replace(mark, id=f"{letter}{number}")
        for letter, own in (("m", marks), ("s", sensed))
        for number, mark in enumerate(sorted(own, key=_in_time), start=1)
    ]
    return Scoring(
        marks={mark.id: mark for mark in named},
        stages=_stages_of(frame),
        lights=Window(off_s=frame.lights.off_s, on_s=frame.lights.on_s),
    )


def _in_time(mark: Mark) -> tuple[float, float, str, str, str]:
    return mark.onset_s, mark.end_s, mark.kind, mark.site, mark.sensor


def _detected(groups: Iterable[GroupDetection]) -> Iterable[Mark]:
    for group in groups:
        yield from _marks_of(group.movements, "lm")


def _sensed(motion: Motion) -> Iterable[Mark]:
    jerk, gross = SENSOR_KINDS
    for sensor, name in motion.groups_by_sensor().items():
        yield from _marks_of(motion.groups[name].movements, jerk, sensor)
        yield from _marks_of(motion.groups[name].gross, gross, sensor)


def _marks_of(moved: Movements, kind: str, sensor: str = "") -> Iterable[Mark]:
    for row in range(len(moved)):
        amplitude = float(moved.amplitude[row])
        yield Mark.as_found(
            id="",
            kind=kind,
            onset_s=float(moved.onset_s[row]),
            end_s=float(moved.end_s[row]),
            site=str(moved.site[row]),
            sensor=sensor,
            origin="detected",
            amplitude=amplitude if np.isfinite(amplitude) else None,
            amplitude_unit=str(moved.amplitude_unit[row]),
            channels=moved.channels[row],
            modality=str(moved.modality[row]),
        )


def _stages_of(frame: NightFrame) -> Stages:
    stages = frame.hypnogram
    if stages is None:
        epochs_n = int(np.ceil(frame.duration_s / _EPOCH_S))
        return Stages(codes=(UNSCORED,) * epochs_n, epoch_s=_EPOCH_S)
    return Stages(
        codes=tuple(stages.stages.tolist()), epoch_s=stages.epoch_s, onset_s=stages.start_s
    )


def corrected(night: MeasuredNight, scoring: Scoring, base: Scoring) -> MeasuredNight:
    """Return the night with the movements, events, stages and lights of a scoring.

    Parameters
    ----------
    night : MeasuredNight
    scoring, base : Scoring
        As it is now, and as it was before any change.
    """
    counted = [mark for mark in scoring.marks.values() if mark.counts]
    hypnogram = hypnogram_of(scoring.stages) if _is_staged(scoring, night) else None
    before = night.scorer.hypnogram
    if hypnogram is not None and before is not None:
        hypnogram = replace(hypnogram, estimated_by=before.estimated_by)
    estimate = night.estimate
    if estimate is not None and hypnogram is not None:
        estimate = replace(estimate, hypnogram=hypnogram)
    known = (*base.marks.values(), *counted)
    scorer = replace(
        night.scorer,
        hypnogram=hypnogram,
        events=_events(night.scorer, counted, scoring, base),
        has_arousals=any(mark.kind == "arousal" for mark in known),
        has_respiration=any(mark.kind in RESPIRATORY_KINDS for mark in known),
    )
    settings = night.settings
    if scoring.lights != base.lights:
        settings = replace(settings, lights_off_s=None, lights_on_s=None)
    moved: dict[str, list[Mark]] = {name: [] for name in night.detected}
    for mark in counted:
        if mark.kind == "lm":
            moved[group_of(mark.site)].append(mark)
    jerks, gross = (_by_group(counted, kind, night.motion) for kind in SENSOR_KINDS)
    return replace(
        night,
        scorer=scorer,
        estimate=estimate,
        settings=settings,
        detected={
            name: _with_movements(group, name, moved[name], night)
            for name, group in night.detected.items()
        },
        motion=night.motion.with_movements(jerks, gross),
    )


def _by_group(counted: Iterable[Mark], kind: str, motion: Motion) -> dict[str, Movements]:
    """Return the movements of one kind of each accelerometer, by the name of its group."""
    of_sensor: dict[str, list[Mark]] = {sensor: [] for sensor in motion.groups_by_sensor()}
    for mark in counted:
        if mark.kind == kind:
            of_sensor[mark.sensor].append(mark)
    names = motion.groups_by_sensor()
    return {names[sensor]: movements_of(marks_in_order(own)) for sensor, own in of_sensor.items()}


def sensors_of(night: MeasuredNight) -> dict[str, SensorPlace]:
    """Return the accelerometers whose movements can be marked, by name."""
    used = [one for one in night.recording.with_role(ROLE) if one.status == "used"]
    return {
        name: SensorPlace(site=str(axes[0].site), channels=tuple(one.label for one in axes))
        for name, axes in axes_together(used).items()
        if GROUP_PREFIX + name in night.motion.groups
    }


def _is_staged(scoring: Scoring, night: MeasuredNight) -> bool:
    return night.scorer.hypnogram is not None or any(
        code != UNSCORED for code in scoring.stages.codes
    )


@lru_cache(maxsize=8)
def hypnogram_of(stages: Stages) -> Hypnogram:
    """Return the stages of a scoring."""
    return Hypnogram.of(list(stages.codes), stages.epoch_s, stages.onset_s)


def _events(scorer: Scorer, counted: list[Mark], scoring: Scoring, base: Scoring) -> Events:
    """Return marks that are no movements, and the events of a file that no mark stands for."""
    own = scorer.events
    moved = scoring.lights != base.lights
    replaced = [kind for kind in ALL_KINDS if kind != "lm"] + (list(_LIGHTS) if moved else [])
    kept = own.where(~np.isin(own.kind, replaced))
    if moved:
        at = (scoring.lights.off_s, scoring.lights.on_s)
        kept = kept.joined_with(Events.of(at, at, _LIGHTS, ["", ""]))
    return kept.joined_with(events_of([mark for mark in counted if not mark.is_movement]))


def events_of(marks: Iterable[Mark]) -> Events:
    """Return marks as a table of events, those that begin together in a fixed order."""
    rows = sorted(marks, key=lambda mark: (mark.onset_s, mark.end_s, mark.kind, mark.site))
    return Events.of(
        [mark.onset_s for mark in rows],
        [mark.end_s for mark in rows],
        [mark.kind for mark in rows],
        [mark.site for mark in rows],
    )


@cache
def group_of(site: str) -> str:
    """Return the group of a site; a movement without a site counts as one of a leg."""
    return next((name for name, sites in GROUP_SITES.items() if site in sites), "legs")


def _with_movements(
    group: GroupDetection, name: str, moved: list[Mark], night: MeasuredNight
) -> GroupDetection:
    """Return a group with the movements of a scoring.

    Movements that a scorer marked where no channel could be scored count as scored by hand, over
    all that was recorded.
    """
    marks = marks_in_order(moved)
    by_hand = bool(group.reason) and bool(marks)
    recorded = night.recording.recorded()
    sites = [site.value for site in GROUP_SITES[name] if not site.value.startswith("both")]
    return replace(
        group,
        movements=movements_of(marks),
        observed=recorded if by_hand else group.observed,
        usable=tuple((site, recorded) for site in sites) if by_hand else group.usable,
        reason="" if by_hand else group.reason,
    )


def marks_in_order(marks: Iterable[Mark]) -> list[Mark]:
    """Return marks in the order of scored movements, which tables of movements keep."""
    return sorted(marks, key=lambda mark: (mark.onset_s, mark.end_s, mark.site, mark.id))


def _amplitude(mark: Mark) -> float:
    """Return what was measured: nothing where a mark was moved to another accelerometer."""
    elsewhere = mark.of_sensor and mark.found is not None and mark.found.sensor != mark.sensor
    return np.nan if mark.amplitude is None or elsewhere else mark.amplitude


def movements_of(marks: list[Mark]) -> Movements:
    """Return marks as movements; they keep what was measured."""
    n = len(marks)
    return Movements(
        onset_s=np.array([mark.onset_s for mark in marks], dtype=np.float64),
        end_s=np.array([mark.end_s for mark in marks], dtype=np.float64),
        site=words([mark.site for mark in marks]),
        n_parts=np.ones(n, dtype=np.int64),
        amplitude=np.array([_amplitude(mark) for mark in marks], dtype=np.float64),
        channels=tuple(mark.channels for mark in marks),
        modality=words([mark.modality for mark in marks]),
        amplitude_unit=words([mark.amplitude_unit for mark in marks]),
    )


@dataclass(kw_only=True, slots=True, eq=False)
class Rescorer:
    """Scores a night again after each change; samples are read only if the trunk changed.

    Attributes
    ----------
    night : MeasuredNight
        As it was measured.
    base : Scoring
        Before any change.
    beside : callable
        Adds clinical context and the immobilisation test to a report.
    sensors : mapping of name to SensorPlace
        Accelerometers whose movements can be marked.
    """

    night: MeasuredNight
    base: Scoring
    beside: Callable[[NightReport], NightReport] | None = None
    sensors: Mapping[str, SensorPlace] = field(init=False)
    _spine: tuple[object, Mapping[str, Index]] | None = None

    def __post_init__(self) -> None:
        self.sensors = sensors_of(self.night)

    def report(self, scoring: Scoring) -> NightReport:
        """Return the report of a scoring."""
        night = corrected(self.night, scoring, self.base)
        report = report_of_measured(night, self._spinal(night, scoring))
        return report if self.beside is None else self.beside(report)

    def _spinal(self, night: MeasuredNight, scoring: Scoring) -> Mapping[str, Index]:
        trunk = night.detected["trunk"]
        key = (
            trunk.movements.intervals().tobytes(),
            bool(len(trunk.movements)) and scoring.stages.codes,
        )
        if self._spine is None or self._spine[0] != key:
            frame = NightFrame.of(night.recording, night.scorer, night.settings)
            self._spine = key, spinal_indices(night.recording, trunk, frame)
        return self._spine[1]
