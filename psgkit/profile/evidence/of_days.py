"""The profile of days: the same items as of a night, read from the indices of days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from psgkit.core.events import Events
from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.core.movements import ScoredMovements
from psgkit.core.night_report import RECORDING_END, RECORDING_START, Lights, NightReport, Profile
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.items import all_evidence, profile_without_evidence
from psgkit.profile.evidence.of_night import profile_of


def profile_of_days(
    indices: Mapping[str, Mapping[str, Index]],
    duration_s: float,
    context: Context | None = None,
    *,
    diary: SymptomDiary | None = None,
    findings: Sequence[Finding] = (),
) -> Profile:
    """Return the profile drawn from the indices of days, answers and a diary of symptoms.

    Items that read the movements of one night are missing, because days have many nights.
    ``findings`` say whether the days are simulated.

    Examples
    --------
    >>> profile_of_days({}, 0.0).leaning is None
    True
    """
    view = NightReport(
        source="",
        sha256=None,
        start=None,
        duration_s=duration_s,
        segments=(),
        settings={},
        channels=(),
        findings=tuple(findings),
        movements=ScoredMovements.none(),
        hypnogram=None,
        events=Events.none(),
        lights=Lights(
            off_s=0.0, on_s=duration_s, off_source=RECORDING_START, on_source=RECORDING_END
        ),
        indices=indices,
        profile=profile_without_evidence(),
    )
    return _with_less_missing(profile_of(view, context, kind="days", diary=diary), indices)


def _with_less_missing(profile: Profile, indices: Mapping[str, Mapping[str, Index]]) -> Profile:
    """Return the profile with one line for everything that only a night with EMG can tell."""
    of_nights = [
        item.id
        for item in all_evidence().items
        if not item.from_context
        and not any(set(path.split(".")[:2]) & set(indices) for path in item.reads)
    ]
    kept = [left for piece in profile.missing if (left := _without(piece, of_nights))["items"]]
    if of_nights:
        kept.append(
            {
                "supply": "a night with EMG and sleep stages (psgkit report)",
                "items": of_nights,
                "questions": [f"{len(of_nights)} questions about periodic movements and sleep."],
                "reasons": ["not measured by days of actigraphy"],
            }
        )
    return replace(profile, missing=tuple(kept))


def _without(piece: Mapping[str, Any], items: Collection[str]) -> dict[str, Any]:
    """Return the missing entry, with question and reason of each other item."""
    kept = [row for row, item in enumerate(piece["items"]) if item not in items]
    columns = ("items", "questions", "reasons")
    return {"supply": piece["supply"], **{c: [piece[c][row] for row in kept] for c in columns}}
