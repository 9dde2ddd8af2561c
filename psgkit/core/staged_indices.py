"""Marks the indices that depend on stages with who or what gave the stages of their night."""

from collections.abc import Mapping
from dataclasses import replace

from psgkit.core.index import Index
from psgkit.core.index_catalogue import needs_stages
from psgkit.core.night_report import BreakdownRow, NightReport

_STATES = ("sleep", "wake")
"""Levels of ``by="night"`` that are a part of the stages."""


def with_stage_source(report: NightReport) -> NightReport:
    """Return the report with ``stages_from`` in every index that depends on stages.

    Examples
    --------
    >>> from psgkit import simulate_night, analyse_night
    >>> night = simulate_night("rls", hours=0.5, seed=1)
    >>> legs = analyse_night(night.recording, night.hypnogram, night.events).legs
    >>> legs.plms_index.stages_from, legs.lm_n.stages_from
    ('scored', None)
    """
    source = report.stages_from
    if source is None:
        return report
    sleep_only = report.settings.get("rules", {}).get("in_wake") == "no_candidate"
    given = {one.index.name: one.index for one in report.sensitivity}
    marked = with_source(given, "legs", source, sleep_only=sleep_only)
    return replace(
        report,
        sensitivity=tuple(
            replace(one, index=replace(one.index, stages_from=marked[one.index.name].stages_from))
            for one in report.sensitivity
        ),
        indices=marked_groups(report.indices, source, sleep_only=sleep_only),
        breakdown=tuple(
            _marked_row(row, source, sleep_only=sleep_only) for row in report.breakdown
        ),
    )


def marked_groups(
    groups: Mapping[str, Mapping[str, Index]], source: str | None, *, sleep_only: bool = False
) -> dict[str, dict[str, Index]]:
    """Return groups of indices, those that depend on stages with their source.

    ``sleep_only``: the rule set has no candidate movements in wake.
    """
    return {
        group: with_source(indices, group, source, sleep_only=sleep_only)
        for group, indices in groups.items()
    }


def with_source(
    indices: Mapping[str, Index], group: str, source: str | None, *, sleep_only: bool = False
) -> dict[str, Index]:
    """Return indices of one group, those that depend on stages with their source."""
    return {
        name: replace(index, stages_from=source)
        if needs_stages(name, group, sleep_only=sleep_only)
        else index
        for name, index in indices.items()
    }


def _marked_row(row: BreakdownRow, source: str, *, sleep_only: bool) -> BreakdownRow:
    """Return a part of the night; all indices of a stage depend on stages."""
    if row.by == "stage" or (row.by == "night" and row.level in _STATES):
        indices = {name: replace(one, stages_from=source) for name, one in row.indices.items()}
        return replace(row, indices=indices)
    return replace(row, indices=with_source(row.indices, row.group, source, sleep_only=sleep_only))
