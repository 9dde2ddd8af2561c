"""Analysis of one person over nights: match with the context, indices, phases, changes."""

from collections.abc import Sequence
from dataclasses import replace

from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.night_report import Profile
from psgkit.core.symptom_diary import SymptomDiary
from psgkit.errors import SettingsError
from psgkit.followup.change import (
    ChangeRule,
    IndexCourse,
    PhaseChange,
    index_courses,
    phase_changes,
)
from psgkit.followup.doses import DoseSpan, dose_spans
from psgkit.followup.match_context import Phase, PlacedNight, phases_of, place_nights
from psgkit.followup.place_symptoms import SymptomPoint, place_symptoms
from psgkit.followup.reported import ReportedNight
from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import ContextFile

FEWEST_NIGHTS = 2
DEFAULT_RULE = ChangeRule()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NightCourse:
    """The result: nights in order, phases, doses, indices over nights, and their changes.

    ``answer`` is what answers, timing and a diary of symptoms say, None without any of them;
    ``symptom_points`` are the entries of the diary on the line of days.
    """

    context: ContextFile | None
    rule: ChangeRule
    nights: tuple[PlacedNight, ...]
    phases: tuple[Phase, ...]
    spans: tuple[DoseSpan, ...]
    indices: tuple[IndexCourse, ...]
    changes: tuple[PhaseChange, ...]
    findings: tuple[Finding, ...]
    symptoms: SymptomDiary | None = None
    symptom_points: tuple[SymptomPoint, ...] = ()
    answer: Profile | None = None


def follow_nights(
    reports: Sequence[ReportedNight],
    context: ContextFile | None = None,
    rule: ChangeRule = DEFAULT_RULE,
    about_reports: Sequence[Finding] = (),
    symptoms: SymptomDiary | None = None,
) -> NightCourse:
    """Return the nights in order of time, every index over them, and its changes.

    Phases are compared in their order, and the last with the first.

    Parameters
    ----------
    reports : sequence of ReportedNight
        At least two, of one person (which is not checked).
    context : ContextFile, optional
        Without it nights are ordered by the start of the recordings, and there are no phases.
    rule : ChangeRule
    about_reports : sequence of Finding
        Findings of reading the reports.
    symptoms : SymptomDiary, optional
        What the person wrote down in that time.

    Raises
    ------
    SettingsError
        If there are fewer than two nights.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> from psgkit.core.index import Index
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
    if len(reports) < FEWEST_NIGHTS:
        found = f"{len(reports)} report{'s' * (len(reports) != 1)}"
        advice = "One night is what psgkit report shows."
        raise SettingsError("nights", found, "two or more", advice)
    nights, findings = place_nights(reports, context)
    nights, phases = phases_of(nights, context)
    indices = tuple(index_courses(nights))
    spans = () if context is None else dose_spans(context.context, [one.on_line for one in nights])
    # nights outside the time line have a finding here
    about_context = [
        one
        for one in (() if context is None else context.findings)
        if one.code != "context.night_outside"
    ]
    line = None if context is None else context.context
    points, about_symptoms = place_symptoms(symptoms, nights, line)
    return NightCourse(
        context=context,
        rule=rule,
        nights=nights,
        phases=phases,
        spans=spans,
        indices=indices,
        changes=tuple(phase_changes(nights, phases, indices, rule)),
        findings=(*about_context, *about_reports, *findings, *about_symptoms),
        symptoms=symptoms,
        symptom_points=points,
        answer=_answer(line, symptoms, len(nights)),
    )


def _answer(
    context: Context | None, symptoms: SymptomDiary | None, nights_n: int
) -> Profile | None:
    """Return what answers and diary say; each night has the evidence of its recording itself."""
    if context is None and symptoms is None:
        return None
    found = answer_of_context(context or Context(), symptoms)
    return replace(
        found,
        recording=f"{nights_n} nights are reported; what each shows stands in its own report.",
        matrix=(),
    )
