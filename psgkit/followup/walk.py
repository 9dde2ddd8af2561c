"""Put reported nights on the time line of a person and compare the phases of the doses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from psgkit.core.finding import Finding
from psgkit.core.index import Index
from psgkit.errors import SettingsError
from psgkit.followup.change import Change, ChangeRule, change_between
from psgkit.followup.doses import DoseSpan, dose_spans
from psgkit.followup.match_context import Phase, PlacedNight, phases_of, place_nights
from psgkit.followup.published import PUBLISHED_SPREAD, PublishedSpread
from psgkit.followup.reported import ReportedNight
from psgkit.profile.context.read import ContextFile

FEWEST = 2
_SLACK = 1e-9
DEFAULT_RULE = ChangeRule()


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """How a change compares with one published spread; ``limit`` is in the unit of the index."""

    spread: PublishedSpread
    limit: float | None
    inside: bool | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class IndexCourse:
    """One index over the nights: one ``Index`` a night, and its spread between them.

    ``mean``, ``sd`` (n - 1) and ``span`` (largest less smallest) are over all nights that have a
    value; ``sd`` and ``span`` need two.
    """

    group: str
    name: str
    unit: str
    nights: tuple[Index, ...]
    mean: float | None
    sd: float | None
    span: float | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PhaseChange:
    """The change of one index from one phase to another, by their numbers in ``phases``."""

    first: int
    second: int
    group: str
    name: str
    unit: str
    change: Change
    compared: tuple[Compared, ...]

    @property
    def verdict(self) -> str | None:
        """Return ``inside`` or ``outside`` what was published; None where nothing was."""
        told = [one.inside for one in self.compared if one.inside is not None]
        return None if not told else "inside" if any(told) else "outside"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NightCourse:
    """Everything about the same person over nights."""

    context: ContextFile | None
    rule: ChangeRule
    nights: tuple[PlacedNight, ...]
    phases: tuple[Phase, ...]
    spans: tuple[DoseSpan, ...]
    indices: tuple[IndexCourse, ...]
    changes: tuple[PhaseChange, ...]
    findings: tuple[Finding, ...]


def follow_nights(
    reports: Sequence[ReportedNight],
    context: ContextFile | None = None,
    rule: ChangeRule = DEFAULT_RULE,
    told: Sequence[Finding] = (),
) -> NightCourse:
    """Return the nights in their order in time, every index over them, and its changes.

    Phases are compared in their order, and the last with the first.

    Parameters
    ----------
    reports : sequence of ReportedNight
        At least two, of one person; that they are is not checked.
    context : ContextFile, optional
        Without it nights are ordered by the start of the recordings, and there are no phases.
    rule : ChangeRule
    told : sequence of Finding
        What was found when the reports were read.

    Raises
    ------
    SettingsError
        If there are fewer than two nights.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> rates = {"legs": {"plms_index": Index.plain("plms_index", 12.0, "1/h")}}
    >>> facts = {"recording": None, "sha256": None, "start": None, "duration_s": 28800.0}
    >>> nights = [
    ...     ReportedNight(
    ...         path=PurePath(name), version="1", rules="wasm2016", indices=rates, **facts
    ...     )
    ...     for name in ("a.json", "b.json")
    ... ]
    >>> follow_nights(nights).indices[0].mean
    12.0
    """
    if len(reports) < FEWEST:
        found = f"{len(reports)} report{'s' * (len(reports) != 1)}"
        advice = "One night is what psgkit report shows."
        raise SettingsError("nights", found, "two or more", advice)
    nights, findings = place_nights(reports, context)
    nights, phases = phases_of(nights, context)
    indices = tuple(_courses(nights))
    spans = () if context is None else dose_spans(context.context, [one.on_line for one in nights])
    return NightCourse(
        context=context,
        rule=rule,
        nights=nights,
        phases=phases,
        spans=spans,
        indices=indices,
        changes=tuple(_changes(nights, phases, indices, rule)),
        findings=(*_findings_of(context), *told, *findings),
    )


def _findings_of(context: ContextFile | None) -> list[Finding]:
    """Return what is odd about the context; a night outside its line is found once more here."""
    found = () if context is None else context.findings
    return [one for one in found if one.code != "context.night_outside"]


def _courses(nights: Sequence[PlacedNight]) -> list[IndexCourse]:
    """Return every index that any night has, in the order of the reports."""
    units: dict[tuple[str, str], str] = {}
    for night in nights:
        for group, indices in night.report.indices.items():
            for name, index in indices.items():
                units.setdefault((group, name), index.unit)
    groups = list(dict.fromkeys(group for group, _ in units))
    ordered = sorted(units.items(), key=lambda one: groups.index(one[0][0]))
    return [_course(nights, group, name, unit) for (group, name), unit in ordered]


def _course(nights: Sequence[PlacedNight], group: str, name: str, unit: str) -> IndexCourse:
    values = tuple(_index_of(night.report.indices, group, name, unit) for night in nights)
    known = np.array([one.value for one in values if one.value is not None])
    several = len(known) >= FEWEST
    return IndexCourse(
        group=group,
        name=name,
        unit=unit,
        nights=values,
        mean=float(known.mean()) if len(known) else None,
        sd=float(known.std(ddof=1)) if several else None,
        span=float(known.max() - known.min()) if several else None,
    )


def _index_of(
    indices: Mapping[str, Mapping[str, Index]], group: str, name: str, unit: str
) -> Index:
    """Return an index of one night; one in another unit cannot be compared."""
    found = indices.get(group, {}).get(name)
    if found is None:
        return Index.missing(name, unit, "not in the report of this night")
    if found.unit != unit:
        return Index.missing(name, unit, f"in {found.unit}, not in {unit} as in the first night")
    return found


def _changes(
    nights: Sequence[PlacedNight],
    phases: Sequence[Phase],
    indices: Sequence[IndexCourse],
    rule: ChangeRule,
) -> list[PhaseChange]:
    """Return the changes of every index that has a value in any night."""
    pairs = [(one, one + 1) for one in range(len(phases) - 1)]
    if len(phases) > FEWEST:
        pairs.append((0, len(phases) - 1))
    measured = [one for one in indices if one.mean is not None]
    return [_phase_change(nights, pair, course, rule) for pair in pairs for course in measured]


def _phase_change(
    nights: Sequence[PlacedNight], pair: tuple[int, int], course: IndexCourse, rule: ChangeRule
) -> PhaseChange:
    values = [
        [
            np.nan if index.value is None else index.value
            for night, index in zip(nights, course.nights, strict=True)
            if night.phase == phase
        ]
        for phase in pair
    ]
    change = change_between(values[0], values[1], rule)
    compared = [
        _compared(spread, change)
        for spread in PUBLISHED_SPREAD
        if spread.covers(course.group, course.name)
    ]
    return PhaseChange(
        first=pair[0],
        second=pair[1],
        group=course.group,
        name=course.name,
        unit=course.unit,
        change=change,
        compared=tuple(compared),
    )


def _compared(spread: PublishedSpread, change: Change) -> Compared:
    """Return a change beside a published spread; a change as large as the spread is inside."""
    if change.before is None or change.after is None or change.change is None:
        return Compared(spread=spread, limit=None, inside=None)
    limit = spread.limit(change.before, change.after)
    inside = None if limit is None else abs(change.change) <= limit + _SLACK
    return Compared(spread=spread, limit=limit, inside=inside)
