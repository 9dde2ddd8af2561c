"""A clinical context as a page: what was told, what follows from it, and what nobody asked."""

from collections.abc import Iterator

from psgkit.profile.context.causes import Cause, mimics, secondary_causes
from psgkit.profile.context.drug_classes import known_drug
from psgkit.profile.context.drugs import onset_after_drugs, responses_by_class
from psgkit.profile.context.facts import CRITERIA, all_criteria, bars_ratings
from psgkit.profile.context.laboratory import laboratory_values, serum_levels
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import ContextFile
from psgkit.profile.context.timeline import DrugStep, drug_time_line
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.page_model import Facts, Notes, Page, Remarks, Section, Table
from psgkit.report.words.number_format import NO_VALUE, day_in_words, short_number, with_unit
from psgkit.report.words.texts import text
from psgkit.report.words.words import listed, word_of, yes_or_no

_DRUG_COLUMNS = ("drug", "class", "from", "to", "dose")
_RESPONSE_COLUMNS = ("class", "change", "helped", "failed", "worsened")
_LEVEL_COLUMNS = ("drug", "level", "at", "per_mg", "range")
_VALUE_COLUMNS = ("test", "value", "range")
_BARS_COLUMNS = ("rated", "total", "global", "akathisia", "pseudoakathisia")
_CAUSE_COLUMNS = ("cause", "status", "because")


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
        title=text("context.title"),
        subtitle=file.source,
        banners=(),
        headline=_headline(file.context),
        sections=sections,
        disclaimer=f"{STATEMENT} {text('words.disclaimer')}",
    )


def _headline(context: Context) -> tuple[tuple[str, str], ...]:
    age, sex = context.person.age, context.person.sex
    return (
        (text("context.age"), NO_VALUE if age is None else short_number(age)),
        (text("context.sex"), word_of("context.sexes", sex or "") or NO_VALUE),
        (text("context.recorded"), _answer(context.polysomnography)),
    )


def _answer(told: bool | None) -> str:  # noqa: FBT001 - the answer itself
    """Return an answer as a word; what was not asked is no "no"."""
    return NO_VALUE if told is None else yes_or_no(told)


def _columns(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text(f"context.columns.{name}") for name in names)


def _symptoms(context: Context) -> Iterator[Section]:
    if not context.symptoms:
        return
    rows = []
    for criteria in all_criteria(context):
        words = {
            **dict.fromkeys(criteria.met, text("context.met")),
            **dict.fromkeys(criteria.partly, text("context.partly")),
            **dict.fromkeys(criteria.missing, text("context.not_met")),
        }
        rows.append(
            (word_of("site", criteria.site), *(words.get(name, NO_VALUE) for name in CRITERIA))
        )
    told = tuple(
        (word_of("site", symptom.site), symptom.words)
        for symptom in context.symptoms
        if symptom.words
    )
    table = Table(
        head=(text("context.site"), *(text(f"context.criteria.{name}") for name in CRITERIA)),
        rows=tuple(rows),
        n_text=1 + len(CRITERIA),
        foot=text("context.unknown", sign=NO_VALUE),
    )
    yield Section(
        key="criteria",
        title=text("context.symptoms"),
        note=text("context.symptoms_note"),
        parts=(table, Facts(rows=told)) if told else (table,),
    )


def _drugs(context: Context) -> Iterator[Section]:
    steps = drug_time_line(context)
    parts: list[Table | Notes] = []
    if steps:
        head = _columns(_DRUG_COLUMNS)
        parts.append(Table(head=head, rows=tuple(map(_step, steps)), n_text=len(head)))
    notes = {step.drug: known.note for step in steps if (known := known_drug(step.key))}
    lines = tuple(f"{drug}: {note}" for drug, note in notes.items() if note)
    if lines:
        parts.append(Notes(lines=lines))
    onsets = tuple(
        text(
            f"context.onset.{'started' if one.event == 'started' else 'raised'}",
            site=word_of("site", one.site),
            days=one.days,
            drug=one.drug,
        )
        for one in onset_after_drugs(context)
    )
    if onsets:
        parts.append(Notes(lines=onsets, title=text("context.onset.title")))
    responses = tuple(
        (
            word_of("context.drug_classes", one.drug_class),
            text(f"context.direction.{one.direction}"),
            *(
                listed([word_of("site", name) for name in names]) or NO_VALUE
                for names in (one.helped, one.failed, one.worsened)
            ),
        )
        for one in responses_by_class(context)
    )
    if responses:
        head = _columns(_RESPONSE_COLUMNS)
        title = text("context.followed")
        parts.append(Table(head=head, rows=responses, n_text=5, title=title))
    if parts:
        yield Section(key="drugs", title=text("context.drugs"), parts=tuple(parts))


def _step(step: DrugStep) -> tuple[str, ...]:
    dose = NO_VALUE if step.dose is None else with_unit(short_number(step.dose), step.unit or "")
    end = _time(step.last_day, step)
    return (
        step.drug,
        word_of("context.drug_classes", step.drug_class),
        _time(step.first_day, step),
        text("context.next_dose", end=end) if step.end_is_next else end,
        dose,
    )


def _time(day: int | None, step: DrugStep) -> str:
    if day is None:
        return NO_VALUE
    dates = {step.first_day: step.first_date, step.last_day: step.last_date}
    known = dates.get(day)
    return day_in_words(day, known)


def _blood(context: Context) -> Iterator[Section]:
    parts: list[Table] = []
    levels = tuple(
        (
            level.drug,
            _number(level.value, level.unit),
            _number(level.daily_mg, "mg/day"),
            NO_VALUE if level.per_mg is None else short_number(level.per_mg, 3),
            word_of("context.status", level.status or "") or NO_VALUE,
        )
        for level in serum_levels(context)
    )
    if levels:
        head = _columns(_LEVEL_COLUMNS)
        title = text("context.levels")
        parts.append(Table(head=head, rows=levels, n_text=len(head), title=title))
    values = tuple(
        (
            one.name.replace("_", " "),
            _number(one.value, one.unit),
            word_of("context.status", one.status or "") or one.reason,
        )
        for one in laboratory_values(context)
    )
    if values:
        title = text("context.values")
        parts.append(Table(head=_columns(_VALUE_COLUMNS), rows=values, n_text=3, title=title))
    if parts:
        yield Section(key="blood", title=text("context.blood"), parts=tuple(parts))


def _number(value: float | None, unit: str | None) -> str:
    return NO_VALUE if value is None else with_unit(short_number(value), unit or "")


def _bars(context: Context) -> Iterator[Section]:
    rows = tuple(
        (
            NO_VALUE if one.day is None else day_in_words(one.day),
            NO_VALUE if one.total is None else str(one.total),
            NO_VALUE if one.global_score is None else str(one.global_score),
            _answer(one.akathisia),
            _answer(one.pseudoakathisia),
        )
        for one in bars_ratings(context)
    )
    if rows:
        head = _columns(_BARS_COLUMNS)
        yield Section(
            key="bars", title=text("context.bars"), parts=(Table(head=head, rows=rows, n_text=5),)
        )


def _causes(context: Context) -> Section:
    return Section(
        key="causes",
        title=text("context.causes"),
        parts=(
            _cause_table(text("context.secondary"), secondary_causes(context)),
            _cause_table(text("context.mimics"), mimics(context)),
        ),
    )


def _cause_table(title: str, causes: tuple[Cause, ...]) -> Table:
    rows = tuple(
        (word_of("context.cause", one.name), word_of("context.status", one.status), one.because)
        for one in causes
    )
    return Table(head=_columns(_CAUSE_COLUMNS), rows=rows, n_text=3, title=title)


def _findings(file: ContextFile) -> Iterator[Section]:
    if file.findings:
        rows = tuple((one.severity, one.where, one.message, one.code) for one in file.findings)
        yield Section(key="findings", title=text("findings.title"), parts=(Remarks(rows=rows),))
