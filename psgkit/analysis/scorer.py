"""What a human scored beside a recording, and what follows when something was not scored."""

from dataclasses import dataclass

from psgkit.core.events import RESPIRATORY_KINDS, Events
from psgkit.core.finding import Finding
from psgkit.core.hypnogram import Hypnogram
from psgkit.core.recording import Recording
from psgkit.io.scoring.annotations import events_from_annotations, hypnogram_from_annotations


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scorer:
    """What a human scored; a hypnogram of None and False are "not scored", which is not "none"."""

    hypnogram: Hypnogram | None
    events: Events
    has_arousals: bool
    has_respiration: bool

    def findings(self) -> list[Finding]:
        """Return what the report cannot say because nobody scored it."""
        found = []
        if self.hypnogram is None:
            message = (
                "no stages were given or annotated: only rates per hour recorded can be computed"
            )
            found.append(Finding("warning", "night.no_hypnogram", "hypnogram", message))
        scored = {"arousals": self.has_arousals, "respiratory events": self.has_respiration}
        not_scored = " or ".join(name for name, is_scored in scored.items() if not is_scored)
        if not_scored:
            message = (
                f"no {not_scored} were given or annotated: movements tied to them stay unmarked"
            )
            found.append(Finding("info", "night.no_events", "events", message))
        return found


def scorer_of(recording: Recording, hypnogram: Hypnogram | None, events: Events | None) -> Scorer:
    """Return what was given, else what is annotated in the recording."""
    if hypnogram is None:
        hypnogram = hypnogram_from_annotations(recording.annotations, where=recording.source)
    if events is None:
        events = events_from_annotations(recording.annotations)
    return Scorer(
        hypnogram=hypnogram,
        events=events,
        has_arousals=len(events.of_kind(["arousal"])) > 0,
        has_respiration=len(events.of_kind(RESPIRATORY_KINDS)) > 0,
    )
