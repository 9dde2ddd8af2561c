"""The scoring of a simulated night: arousals, respiratory events, lights."""

import numpy as np
from numpy.typing import NDArray

from psgkit.core.events import Events
from psgkit.core.hypnogram import SLEEP_STAGES, Hypnogram
from psgkit.core.intervals import Intervals, no_intervals
from psgkit.core.recording import Annotations
from psgkit.simulate.plan.group import AROUSAL_S, Span
from psgkit.simulate.plan.kinds import NightKind
from psgkit.simulate.plan.plan import SECONDS_PER_H, MovementPlan

SLEEP_BEFORE_AROUSAL_S = 10.0
FAR_FROM_MOVEMENTS_S = 5.0
LIGHTS_OFF_S = (120.0, 420.0)
LIGHTS_ON_BEFORE_END_S = (60.0, 240.0)
LIGHTS_SHARE = 0.05  # of a short night, at either end

ANNOTATION_TEXTS = {
    "arousal": "EEG arousal",
    "apnea": "Obstructive apnea",
    "hypopnea": "Hypopnea",
    "lights_off": "Lights off",
    "lights_on": "Lights on",
    "get_up": "Out of bed",
    "lie_down": "Back in bed",
}


def lights(rng: np.random.Generator, duration_s: float) -> Span:
    """Return the times of lights off and on."""
    off_s = min(float(rng.uniform(*LIGHTS_OFF_S)), LIGHTS_SHARE * duration_s)
    before_end_s = min(float(rng.uniform(*LIGHTS_ON_BEFORE_END_S)), LIGHTS_SHARE * duration_s)
    return round(off_s, 3), round(duration_s - before_end_s, 3)


def scored_events(
    rng: np.random.Generator,
    kind: NightKind,
    plan: MovementPlan,
    hypnogram: Hypnogram,
    lights_s: Span,
) -> Events:
    """Return the events of the night; arousals only out of sleep."""
    arousals_s = _arousals(rng, kind, plan, hypnogram).tolist()
    rows = [
        *((lights_s[0], lights_s[0], "lights_off"), (lights_s[1], lights_s[1], "lights_on")),
        *((onset_s, end_s, "arousal") for onset_s, end_s in arousals_s),
        *plan.breaths_s,
    ]
    onset_s = np.round([row[0] for row in rows], 3)
    end_s = np.round([row[1] for row in rows], 3)
    return Events.of(onset_s, end_s, [row[2] for row in rows], [""] * len(rows))


def annotations_of(hypnogram: Hypnogram, events: Events) -> Annotations:
    """Return stages and events in the vocabulary of EDF+ files.

    Examples
    --------
    >>> annotations_of(Hypnogram.of(["W", "N2"]), Events.none()).text
    ('Sleep stage W', 'Sleep stage N2')
    """
    rows = [
        (onset_s, hypnogram.epoch_s, f"Sleep stage {stage}")
        for onset_s, stage in zip(
            hypnogram.epoch_starts_s().tolist(), hypnogram.stages.tolist(), strict=True
        )
    ]
    lengths_s = np.round(events.end_s - events.onset_s, 3).tolist()
    rows += [
        (onset_s, length_s, ANNOTATION_TEXTS[kind])
        for onset_s, length_s, kind in zip(
            events.onset_s.tolist(), lengths_s, events.kind.tolist(), strict=True
        )
    ]
    rows.sort()
    return Annotations(
        onset_s=tuple(row[0] for row in rows),
        duration_s=tuple(row[1] for row in rows),
        text=tuple(row[2] for row in rows),
    )


def _arousals(
    rng: np.random.Generator, kind: NightKind, plan: MovementPlan, hypnogram: Hypnogram
) -> Intervals:
    """Return the arousals tied to movements, and spontaneous ones away from all movements."""
    hours = (hypnogram.end_s - hypnogram.start_s) / SECONDS_PER_H
    due_n = int(rng.poisson(kind.sleep.spontaneous_arousals_per_h * hours))
    onsets_s = rng.uniform(hypnogram.start_s, hypnogram.end_s - AROUSAL_S.high, due_n)
    spontaneous = np.column_stack((onsets_s, onsets_s + AROUSAL_S.draw(rng, due_n)))
    moving = np.array([(one.onset_s, one.end_s) for one in plan.activations]).reshape(-1, 2)
    kept = no_intervals(np.float64)
    for row in _out_of_sleep(np.array(plan.arousals_s).reshape(-1, 2), hypnogram):
        if _is_clear(row, kept, SLEEP_BEFORE_AROUSAL_S):
            kept = np.concatenate((kept, row[None]))
    for row in _out_of_sleep(spontaneous, hypnogram):
        if _is_clear(row, kept, SLEEP_BEFORE_AROUSAL_S) and _is_clear(
            row, moving, FAR_FROM_MOVEMENTS_S
        ):
            kept = np.concatenate((kept, row[None]))
    return kept


def _out_of_sleep(spans_s: Intervals, hypnogram: Hypnogram) -> Intervals:
    """Return the ``spans_s`` that begin after enough sleep."""
    asleep = [
        np.isin(hypnogram.stage_at(spans_s[:, 0] - before_s), SLEEP_STAGES)
        for before_s in (0.0, SLEEP_BEFORE_AROUSAL_S)
    ]
    return spans_s[asleep[0] & asleep[1]]


def _is_clear(span_s: NDArray[np.float64], others_s: Intervals, margin_s: float) -> bool:
    """Return whether ``span_s`` keeps ``margin_s`` to all ``others_s``."""
    before = span_s[1] + margin_s <= others_s[:, 0]
    after = span_s[0] >= others_s[:, 1] + margin_s
    return bool((before | after).all())
