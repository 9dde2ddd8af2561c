"""A clinical context as a page: what was told, what follows from it, and what nobody asked."""

from collections.abc import Iterator

from psgkit.profile.context import ContextFile
from psgkit.profile.context_causes import Cause, mimics, secondary_causes
from psgkit.profile.context_drug_facts import onset_after_drugs, responses_by_class
from psgkit.profile.context_drugs import known_drug
from psgkit.profile.context_facts import CRITERIA, all_criteria, bars_ratings
from psgkit.profile.context_laboratory import laboratory_values, serum_levels
from psgkit.profile.context_model import Context
from psgkit.profile.context_time import DrugStep, drug_time_line
from psgkit.profile.statement import STATEMENT
from psgkit.report.parts import Facts, Notes, Page, Remarks, Section, Table
from psgkit.report.texts import text

UNKNOWN = "\u2013"
_CRITERIA_WORDS = ("urge", "rest", "relief", "evening", "not explained")
_STATUS_WORDS = {"not_known": "not known"}
_DIRECTION_WORDS = {"more": "started or raised", "less": "stopped or reduced", "other": "other"}


def context_page(file: ContextFile) -> Page:
    """Return the page about a context file.

    Examples
    --------
    >>> context_page(ContextFile(source="subject.toml", context=Context())).title
    'psgkit context'
    """
    sections = (
        *_symptoms(file.context),
        *_drugs(file.context),
        *_blood(file.context),
        *_bars(file.context),
        _causes(file.context),
        *_findings(file),
    )
    return Page(
        title="psgkit context",
        subtitle=file.source,
        banners=(),
        headline=_headline(file.context),
        sections=sections,
        disclaimer=f"{STATEMENT} {text('words.disclaimer')}",
    )


def _headline(context: Context) -> tuple[tuple[str, str], ...]:
    age, sex = context.person.age, context.person.sex
    recorded = {True: "yes", False: "no", None: UNKNOWN}[context.polysomnography]
    return (
        ("age", UNKNOWN if age is None else f"{age:g}"),
        ("sex", sex or UNKNOWN),
        ("night recorded", recorded),
    )


def _symptoms(context: Context) -> Iterator[Section]:
    if not context.symptoms:
        return
    rows = []
    for criteria in all_criteria(context):
        words = {
            **dict.fromkeys(criteria.met, "met"),
            **dict.fromkeys(criteria.partly, "partly"),
            **dict.fromkeys(criteria.missing, "not met"),
        }
        rows.append((criteria.site, *(words.get(name, UNKNOWN) for name in CRITERIA)))
    told = tuple((symptom.site, symptom.words) for symptom in context.symptoms if symptom.words)
    table = Table(
        head=("site", *_CRITERIA_WORDS),
        rows=tuple(rows),
        n_text=1 + len(CRITERIA),
        foot=f"{UNKNOWN} was not asked or not told, which is not \u201cno\u201d",
    )
    yield Section(
        key="criteria",
        title="Symptoms and the five criteria, by site",
        note="Criteria of the IRLSSG 2014 for the legs; for arms and back they are not validated",
        parts=(table, Facts(rows=told)) if told else (table,),
    )


def _drugs(context: Context) -> Iterator[Section]:
    steps = drug_time_line(context)
    parts: list[Table | Notes] = []
    if steps:
        head = ("drug", "class", "from", "to", "dose")
        parts.append(Table(head=head, rows=tuple(map(_step, steps)), n_text=len(head)))
    notes = {step.drug: known.note for step in steps if (known := known_drug(step.key))}
    lines = tuple(f"{drug}: {note}" for drug, note in notes.items() if note)
    if lines:
        parts.append(Notes(lines=lines))
    onsets = tuple(
        f"{one.site}: began {one.days} days after {one.drug} was "
        f"{'started' if one.event == 'started' else 'raised'}"
        for one in onset_after_drugs(context)
    )
    if onsets:
        parts.append(Notes(lines=onsets, title="Onset after a drug"))
    responses = tuple(
        (
            one.drug_class.replace("_", " "),
            _DIRECTION_WORDS[one.direction],
            *(", ".join(names) or UNKNOWN for names in (one.helped, one.failed, one.worsened)),
        )
        for one in responses_by_class(context)
    )
    if responses:
        head = ("class", "change", "helped", "did not help", "worsened")
        parts.append(Table(head=head, rows=responses, n_text=5, title="What followed a change"))
    if parts:
        yield Section(key="drugs", title="Drugs", parts=tuple(parts))


def _step(step: DrugStep) -> tuple[str, ...]:
    dose = UNKNOWN if step.dose is None else f"{step.dose:g} {step.unit}"
    end = _time(step.last_day, step)
    return (
        step.drug,
        step.drug_class.replace("_", " "),
        _time(step.first_day, step),
        f"{end} (next dose)" if step.end_is_next else end,
        dose,
    )


def _time(day: int | None, step: DrugStep) -> str:
    if day is None:
        return UNKNOWN
    dates = {step.first_day: step.first_date, step.last_day: step.last_date}
    known = dates.get(day)
    return f"day {day}" if known is None else f"{known.isoformat()} (day {day})"


def _blood(context: Context) -> Iterator[Section]:
    parts: list[Table] = []
    levels = tuple(
        (
            level.drug,
            _number(level.value, level.unit),
            _number(level.daily_mg, "mg/day"),
            UNKNOWN if level.per_mg is None else f"{level.per_mg:.3g}",
            level.status or UNKNOWN,
        )
        for level in serum_levels(context)
    )
    if levels:
        head = ("drug", "level", "at", "per mg/day", "range")
        parts.append(Table(head=head, rows=levels, n_text=len(head), title="Drug levels"))
    values = tuple(
        (one.name.replace("_", " "), _number(one.value, one.unit), one.status or one.reason)
        for one in laboratory_values(context)
    )
    if values:
        parts.append(Table(head=("test", "value", "range"), rows=values, n_text=3, title="Values"))
    if parts:
        yield Section(key="blood", title="Blood", parts=tuple(parts))


def _number(value: float | None, unit: str | None) -> str:
    return UNKNOWN if value is None else f"{value:g} {unit or ''}".strip()


def _bars(context: Context) -> Iterator[Section]:
    answers = {True: "yes", False: "no", None: UNKNOWN}
    rows = tuple(
        (
            UNKNOWN if one.day is None else f"day {one.day}",
            UNKNOWN if one.total is None else str(one.total),
            UNKNOWN if one.global_score is None else str(one.global_score),
            answers[one.akathisia],
            answers[one.pseudoakathisia],
        )
        for one in bars_ratings(context)
    )
    if rows:
        head = ("rated", "total of 9", "global of 5", "global 2 or more", "pseudoakathisia")
        yield Section(key="bars", title="BARS", parts=(Table(head=head, rows=rows, n_text=5),))


def _causes(context: Context) -> Section:
    return Section(
        key="causes",
        title="Other causes and mimics",
        parts=(
            _cause_table("Secondary causes", secondary_causes(context)),
            _cause_table("Mimics", mimics(context)),
        ),
    )


def _cause_table(title: str, causes: tuple[Cause, ...]) -> Table:
    rows = tuple(
        (one.name.replace("_", " "), _STATUS_WORDS.get(one.status, one.status), one.because)
        for one in causes
    )
    return Table(head=("cause", "status", "because"), rows=rows, n_text=3, title=title)


def _findings(file: ContextFile) -> Iterator[Section]:
    if file.findings:
        rows = tuple((one.severity, one.where, one.message, one.code) for one in file.findings)
        yield Section(key="findings", title="Findings", parts=(Remarks(rows=rows),))
