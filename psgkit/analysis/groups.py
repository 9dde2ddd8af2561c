"""Score each group of channels of a night, and large movements of the whole body."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np

from psgkit.analysis.stages import stages_of
from psgkit.core.caution import CautionRule
from psgkit.core.dataclass import dataclass
from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.index import Index
from psgkit.core.intervals import Intervals, complement, covered_at_least, no_intervals, union
from psgkit.core.message import translatable
from psgkit.core.movements import Movements, ScoredMovements
from psgkit.core.night_report import Lights
from psgkit.core.recording import Recording
from psgkit.core.site import GROUP_SITES
from psgkit.detect.emg.channels import GroupDetection
from psgkit.indices.movement import GroupNight, movement_indices
from psgkit.indices.whole_body import (
    coincidence_indices,
    large_movement_indices,
    limb_movement_indices,
    movements_in_large_ones,
)
from psgkit.io.scoring.annotations import events_from_annotations
from psgkit.scoring.large_movements import find_large_movements, part_of_large
from psgkit.scoring.score import score_movements
from psgkit.settings import Settings
from psgkit.sleep.alignment import align, find_lights
from psgkit.sleep.time_in_stages import NightTime

WHOLE_BODY = "whole_body"
_RULE = CautionRule()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scorer:
    """Scoring by a human.  A hypnogram of None, and False, mean "not scored", not "none"."""

    hypnogram: Hypnogram | None
    events: Events
    has_arousals: bool
    has_respiration: bool
    about_stages: tuple[Finding, ...] = ()

    def findings(self) -> list[Finding]:
        """Return findings on stages, and on results missing because they were not scored."""
        found = [*self.about_stages]
        if self.hypnogram is None:
            message = translatable(
                "no stages were given or annotated: only rates per hour recorded can be computed"
            )
            found.append(Finding("warning", "night.no_hypnogram", "hypnogram", message))
        scored = {
            "arousals": self.has_arousals,
            translatable("respiratory events"): self.has_respiration,
        }
        not_scored = " or ".join(name for name, is_scored in scored.items() if not is_scored)
        if not_scored:
            message = translatable(
                f"no {not_scored} were given or annotated: movements tied to them stay unmarked"
            )
            found.append(Finding("info", "night.no_events", "events", message))
        return found


def scorer_of(
    recording: Recording,
    hypnogram: Hypnogram | None,
    events: Events | None,
    rule: CautionRule = _RULE,
) -> Scorer:
    """Return the given scoring, else that annotated in the recording."""
    hypnogram, about_stages = stages_of(recording, hypnogram, rule)
    if events is None:
        events = events_from_annotations(recording.annotations)
    return Scorer(
        hypnogram=hypnogram,
        events=events,
        has_arousals=len(events.of_kind(["arousal"])) > 0,
        has_respiration=len(events.of_kind(RESPIRATORY_KINDS)) > 0,
        about_stages=about_stages,
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NightFrame:
    """Stages, lights and settings of a night; ``hypnogram`` is aligned to the recording."""

    scorer: Scorer
    hypnogram: Hypnogram | None
    lights: Lights
    duration_s: float
    settings: Settings
    start: datetime | None = None

    @classmethod
    def of(cls, recording: Recording, scorer: Scorer, settings: Settings) -> "NightFrame":
        """Return stages and lights on the clock of the recording.

        A file of annotations alone lasts as long as its stages.
        """
        stages = scorer.hypnogram
        duration_s = recording.duration_s or (stages.end_s if stages is not None else 0.0)
        return cls(
            scorer=scorer,
            hypnogram=align(stages, duration_s) if stages is not None else None,
            lights=find_lights(
                scorer.events,
                duration_s,
                settings.lights_off_s,
                settings.lights_on_s,
                recording.start,
            ),
            duration_s=duration_s,
            settings=settings,
            start=recording.start,
        )

    def asleep(self) -> Intervals | None:
        """Return the stretches of sleep, None without a hypnogram."""
        return None if self.hypnogram is None else self.hypnogram.stretches(SLEEP_STAGES)

    def time(self, observed: Intervals) -> NightTime:
        """Return stages and lights for a group with time ``observed``."""
        return NightTime(hypnogram=self.hypnogram, lights=self.lights, observed=observed)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredGroups:
    """Scored groups, and the movements of each that are parts of large ones."""

    nights: Mapping[str, GroupNight]
    taken_out: Mapping[str, Movements]

    def indices(self) -> dict[str, dict[str, Index]]:
        """Return the movement indices of each group."""
        found = {}
        for name, night in self.nights.items():
            if name == WHOLE_BODY:
                found[name] = large_movement_indices(night)
                continue
            found[name] = movement_indices(night)
            if name in self.taken_out:
                found[name] |= movements_in_large_ones(self.taken_out[name], night.reason)
        if WHOLE_BODY in self.nights:
            limbs = [self.nights[name] for name in (*GROUP_SITES, WHOLE_BODY)]
            found[WHOLE_BODY] |= limb_movement_indices(limbs)
            found["arms"] |= coincidence_indices(self.nights["arms"], self.nights["legs"])
        return found


def score_groups(detected: Mapping[str, GroupDetection], frame: NightFrame) -> ScoredGroups:
    """Return all groups scored; legs first, because a periodic leg movement is no large one.

    A large movement is removed from the series of every group but the legs, whose rules do not
    define it.
    """
    legs = _scored(detected["legs"], frame)
    tables = [table for group in detected.values() for table in (group.movements, group.gross)]
    plm = union(legs.scored.where(legs.scored.plm).movements.intervals())
    large = find_large_movements(tables, plm, frame.settings.large)
    nights, out = {"legs": legs}, {}
    for name, group in detected.items():
        if name != "legs":
            part = part_of_large(group.movements, large, frame.settings.large)
            out[name] = group.movements.where(part)
            calm = replace(group, movements=group.movements.where(~part))
            nights[name] = _scored(calm, frame)
    nights[WHOLE_BODY] = _scored(_whole_body(detected, large), frame)
    return ScoredGroups(nights=nights, taken_out=out)


def score_alone(detected: Mapping[str, GroupDetection], frame: NightFrame) -> ScoredGroups:
    """Return groups of movements scored by hand; the scorer also decided which are large."""
    nights = {name: _scored(group, frame) for name, group in detected.items()}
    return ScoredGroups(nights=nights, taken_out={})


def _scored(group: GroupDetection, frame: NightFrame) -> GroupNight:
    # a change of position ends a series, as a gap does
    unobserved = union(complement(group.observed, 0.0, frame.duration_s), group.gross.intervals())
    scored = score_movements(
        group.movements,
        frame.hypnogram,
        frame.scorer.events,
        frame.settings.rules,
        unobserved=unobserved,
    )
    return GroupNight(
        scored=_never_candidates(scored),
        time=frame.time(group.observed),
        rules=frame.settings.rules,
        has_arousals=frame.scorer.has_arousals,
        reason=group.reason,
    )


def _never_candidates(scored: ScoredMovements) -> ScoredMovements:
    """Return the movements with large ones excluded from series, as they are no limb movements."""
    limbs = scored.movements.site != WHOLE_BODY
    return replace(
        scored,
        candidate=scored.candidate & limbs,
        series=scored.series * limbs,
        series_nr=scored.series_nr * limbs,
        imi_s=np.where(limbs, scored.imi_s, np.nan),
        imi_nr_s=np.where(limbs, scored.imi_nr_s, np.nan),
    )


def _whole_body(detected: Mapping[str, GroupDetection], large: Movements) -> GroupDetection:
    """Return the large movements, and the time in which two parts of the body were recorded."""
    parts: dict[str, list[Intervals]] = {}
    for name, group in detected.items():
        if not group.reason:
            parts.setdefault(group.part or name, []).append(group.observed)
    seen = {part: union(*observed) for part, observed in parts.items()}
    observed = covered_at_least(2, *seen.values()) if seen else no_intervals(np.float64)
    reason = ""
    if not len(observed):
        there = ", ".join(sorted(seen)) or "none"
        reason = translatable(f"needs channels of two parts of the body at once; found: {there}")
    return GroupDetection(movements=large, observed=observed, reason=reason)
