"""Page of a clinical context: answers, conclusions, and questions without an answer."""

from collections.abc import Iterator

from psgkit.profile.answer.statement import answer_of_context
from psgkit.profile.context.causes import Cause, mimics, secondary_causes
from psgkit.profile.context.drug_classes import UNKNOWN, known_drug
from psgkit.profile.context.drug_effects import DrugEffect, OnsetWindow, effects_of, windows_of
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.drugs import (
    OnsetAfterDrug,
    attempts,
    onset_after_drugs,
    responses_by_class,
)
from psgkit.profile.context.facts import CRITERIA, all_criteria, bars_ratings
from psgkit.profile.context.laboratory import SerumLevel, laboratory_values, serum_levels
from psgkit.profile.context.model import Context
from psgkit.profile.context.read import ContextFile
from psgkit.profile.context.timeline import DrugStep, drug_time_line
from psgkit.profile.evidence.items import STATEMENT
from psgkit.report.context_scales import scale_sections
from psgkit.report.night.answer import answer_sections
from psgkit.report.page_model import Facts, Notes, Page, Remarks, Section, Table
from psgkit.report.words.language import Words, _, in_context, marked, plural
from psgkit.report.words.messages import translated, words_in_words
from psgkit.report.words.number_format import NO_VALUE, day_in_words, short_number, with_unit
from psgkit.report.words.words import SITE_NAMES, listed, research_only, word_of, yes_or_no

_SEXES = Words(
    {
        "female": marked("female", "sex"),
        "male": marked("male", "sex"),
        "other": marked("other", "sex"),
    }
)
_CRITERIA = Words(
    {
        "urge": marked("urge"),
        "rest": marked("rest"),
        "relief": marked("relief"),
        "evening": marked("evening"),
        "not_explained": marked("not explained"),
    }
)
_DIRECTIONS = Words(
    {
        "more": marked("started or raised"),
        "less": marked("stopped or reduced"),
        "other": marked("other", "change of a drug"),
    }
)
_STATUS = Words(
    {
        "low": marked("low", "blood level or cause"),
        "high": marked("high", "blood level or cause"),
        "normal": marked("normal", "blood level or cause"),
        "contradictory": marked("contradictory", "blood level or cause"),
        "present": marked("present", "blood level or cause"),
        "possible": marked("possible", "blood level or cause"),
        "excluded": marked("excluded", "blood level or cause"),
        "not_known": marked("not known", "blood level or cause"),
    }
)
_DRUG_CLASSES = Words(
    {
        "alpha2delta_ligand": marked("alpha-2-delta ligand"),
        "anticholinergic": marked("anticholinergic"),
        "antidepressant": marked("antidepressant"),
        "antiemetic_dopamine_blocker": marked("antiemetic (dopamine blocker)"),
        "antihistamine": marked("antihistamine, little sedating"),
        "antipsychotic": marked("antipsychotic"),
        "antipsychotic_other": marked("antipsychotic without dopamine blockade"),
        "azapirone": marked("azapirone"),
        "benzodiazepine": marked("benzodiazepine"),
        "beta_blocker": marked("beta-blocker"),
        "calcium_antagonist_dopamine_blocker": marked("calcium antagonist (dopamine blocker)"),
        "dopaminergic": marked("dopaminergic"),
        "iron": marked("iron", "drug"),
        "monoamine_depleter": marked("monoamine depleter"),
        "mood_stabiliser": marked("mood stabiliser or antiepileptic"),
        "opioid": marked("opioid"),
        "orexin_antagonist": marked("orexin antagonist"),
        "other": marked("other", "class of drugs"),
        "peripheral_dopamine_blocker": marked("dopamine blocker outside the brain"),
        "sedating_antihistamine": marked("sedating antihistamine"),
        "stimulant": marked("stimulant"),
        UNKNOWN: marked("unknown", "class of drugs"),
        "z_drug": marked("Z-drug"),
    }
)
_TESTS = Words(
    {
        "creatinine": marked("creatinine"),
        "crp": marked("CRP"),
        "egfr": marked("eGFR"),
        "ferritin": marked("ferritin"),
        "glucose": marked("glucose"),
        "haemoglobin": marked("haemoglobin"),
        "iron": marked("iron", "blood test"),
        "liver_function": marked("liver function"),
        "prolactin": marked("prolactin"),
        "renal_function": marked("renal function"),
        "trace_elements": marked("trace elements"),
        "transferrin_saturation": marked("transferrin saturation"),
        "tsh": marked("TSH"),
    }
)
_EFFECTS = Words(
    {
        "provokes": marked("provokes"),
        "relieves": marked("relieves"),
        "none": marked("no effect known"),
        "mixed": marked("unclear"),
    }
)
_ON = Words({"rls": marked("restless legs, arms, back"), "akathisia": marked("akathisia")})
_OUTCOMES = Words(
    {
        "gone": marked("gone", "symptom"),
        "relieved": marked("relieved", "symptom"),
        "no_change": marked("no change", "symptom"),
        "worse": marked("worse", "symptom"),
    }
)
_ADEQUATE = Words(
    {"yes": marked("yes"), "no": marked("no"), "not_known": marked("not known", "fair trial")}
)


def context_page(file: ContextFile) -> Page:
    """Return the page about a context file.

    Examples
    --------
    >>> context_page(ContextFile(source="subject.toml", context=Context())).title
    'psgkit context'
    """
    sections = (
        *answer_sections(answer_of_context(file.context)),
        *_symptoms(file.context),
        *_drugs(file.context),
        *_blood(file.context),
        *_bars(file.context),
        *scale_sections(file.context),
        _causes(file.context),
        *_findings(file),
    )
    return Page(
        title=_("psgkit context"),
        subtitle=file.source,
        banners=(),
        headline=_headline(file.context),
        sections=sections,
        disclaimer=f"{translated(STATEMENT)} {research_only()}",
    )


def _headline(context: Context) -> tuple[tuple[str, str], ...]:
    age, sex = context.person.age, context.person.sex
    return (
        (_("age"), NO_VALUE if age is None else short_number(age)),
        (_("sex"), word_of(_SEXES, sex or "") or NO_VALUE),
        (_("night recorded"), _answer(context.polysomnography)),
    )


def _answer(answer: bool | None) -> str:  # noqa: FBT001 - the answer itself
    """Return an answer as a word; a question that was not asked is not "no"."""
    return NO_VALUE if answer is None else yes_or_no(answer)


def _symptoms(context: Context) -> Iterator[Section]:
    if not context.symptoms:
        return
    rows = []
    for criteria in all_criteria(context):
        words = {
            **dict.fromkeys(criteria.met, _("met")),
            **dict.fromkeys(criteria.partly, _("partly")),
            **dict.fromkeys(criteria.missing, _("not met")),
        }
        rows.append(
            (word_of(SITE_NAMES, criteria.site), *(words.get(name, NO_VALUE) for name in CRITERIA))
        )
    answers = tuple(
        (word_of(SITE_NAMES, symptom.site), symptom.words)
        for symptom in context.symptoms
        if symptom.words
    )
    table = Table(
        head=(_("site"), *(_CRITERIA[name] for name in CRITERIA)),
        rows=tuple(rows),
        n_text=1 + len(CRITERIA),
        foot=_(
            "{sign}: not asked or not answered, which does not mean \u201cno\u201d", sign=NO_VALUE
        ),
    )
    yield Section(
        key="criteria",
        title=_("Symptoms and the five criteria, by site"),
        note=_(
            "Criteria of the IRLSSG 2014 for the legs; for arms and back they are not validated"
        ),
        parts=(table, Facts(rows=answers)) if answers else (table,),
    )


def _drugs(context: Context) -> Iterator[Section]:
    steps = drug_time_line(context)
    parts: list[Table | Notes] = []
    if steps:
        head = (_("drug"), _("class"), _("from"), _("to"), _("dose"))
        parts.append(Table(head=head, rows=tuple(map(_step, steps)), n_text=len(head)))
    parts += _effects(steps)
    notes = {step.drug: known.note for step in steps if (known := known_drug(step.key))}
    lines = tuple(f"{drug}: {words_in_words(note)}" for drug, note in notes.items() if note)
    if lines:
        parts.append(Notes(lines=lines))
    onsets = tuple(map(_onset, onset_after_drugs(context)))
    if onsets:
        parts.append(Notes(lines=onsets, title=_("Onset after a drug")))
    parts += _windows(context)
    responses = tuple(
        (
            word_of(_DRUG_CLASSES, one.drug_class),
            _DIRECTIONS[one.direction],
            *(
                listed([word_of(SITE_NAMES, name) for name in names]) or NO_VALUE
                for names in (one.helped, one.failed, one.worsened)
            ),
        )
        for one in responses_by_class(context)
    )
    if responses:
        head = (_("class"), _("change"), _("helped"), _("did not help"), _("worsened"))
        title = _("What followed a change")
        parts.append(Table(head=head, rows=responses, n_text=5, title=title))
    parts += _attempts(context)
    if parts:
        yield Section(key="drugs", title=_("Drugs"), parts=tuple(parts))


def _onset(found: OnsetAfterDrug) -> str:
    """Return at which site symptoms began how long after which change of a drug."""
    site, drug, days = word_of(SITE_NAMES, found.site), found.drug, found.days
    if found.event == "started":
        return plural(
            "{site}: began {n} day after {drug} was started",
            "{site}: began {n} days after {drug} was started",
            days,
            site=site,
            drug=drug,
        )
    return plural(
        "{site}: began {n} day after {drug} was raised",
        "{site}: began {n} days after {drug} was raised",
        days,
        site=site,
        drug=drug,
    )


def _effects(steps: tuple[DrugStep, ...]) -> Iterator[Table | Notes]:
    """Return what each drug is known to do to both conditions, and where that stands."""
    rows: list[tuple[str, ...]] = []
    sources: dict[tuple[str, str], list[str]] = {}
    for drug, drug_class in {step.drug: step.drug_class for step in steps}.items():
        known = {effect.on: effect for effect in effects_of(drug, drug_class)}
        if not known:
            continue
        words = (
            word_of(_EFFECTS, known[on].does) if on in known else NO_VALUE
            for on in ("rls", "akathisia")
        )
        rows.append((drug, *words))
        for on, one in known.items():
            named = _("{drug} (as its class)", drug=drug) if one.of_class else drug
            sources.setdefault((on, _said(one)), []).append(named)
    if rows:
        head = (_("drug"), _("restless legs, arms, back"), _("akathisia"))
        title = _("What these drugs are known to do")
        yield Table(head=head, rows=tuple(rows), n_text=3, title=title)
        yield Notes(
            lines=tuple(
                f"{listed(drugs)}, {word_of(_ON, on)}: {source}"
                for (on, source), drugs in sources.items()
            )
        )


def _said(known: DrugEffect | OnsetWindow) -> str:
    """Return what is known of a drug, its source, and what was read of that."""
    return f"{words_in_words(known.says)}. {_cited(known.source, known.status)}"


def _cited(source: str, status: str) -> str:
    return f"{words_in_words(source)} [{words_in_words(status)}]"


def _expected_days(window: OnsetWindow) -> str:
    if window.to_days is None:
        return _("{days} or more", days=short_number(window.from_days))
    return window.days_in_words


def _windows(context: Context) -> Iterator[Table]:
    """Return in which time each drug is expected to act, beside the onset of this person."""
    onsets: dict[str, int] = {}
    for one in onset_after_drugs(context):
        onsets.setdefault(drug_key(one.drug), one.days)
    rows = tuple(
        (
            drug,
            word_of(_ON, window.on),
            _expected_days(window),
            NO_VALUE if key not in onsets else short_number(onsets[key]),
            _said(window),
        )
        for key, (drug, drug_class) in {
            step.key: (step.drug, step.drug_class) for step in drug_time_line(context)
        }.items()
        for window in windows_of(drug, drug_class)
    )
    if rows:
        head = (_("drug"), _("condition"), _("expected, days"), _("onset, days"), _("source"))
        title = _("How soon an effect of these drugs is expected (rough windows, no limits)")
        yield Table(head=head, rows=rows, n_text=len(head), title=title)


def _attempts(context: Context) -> Iterator[Table]:
    """Return each drug that was tried, with dose, days and whether that was a fair trial."""
    rows = tuple(
        (
            one.drug,
            _number(one.mg_a_day, "mg/day"),
            NO_VALUE if one.days is None else short_number(one.days),
            word_of(_OUTCOMES, one.effect) or NO_VALUE,
            f"{word_of(_ADEQUATE, one.adequate)}: {translated(one.why)}",
        )
        for one in attempts(context)
    )
    if rows:
        head = (_("drug"), _("dose"), _("days"), _("effect"), _("a fair trial against akathisia?"))
        yield Table(head=head, rows=rows, n_text=len(head), title=_("What was tried"))


def _step(step: DrugStep) -> tuple[str, ...]:
    dose = NO_VALUE if step.dose is None else with_unit(short_number(step.dose), step.unit or "")
    end = _time(step.last_day, step)
    return (
        step.drug,
        word_of(_DRUG_CLASSES, step.drug_class),
        _time(step.first_day, step),
        _("{end} (next dose)", end=end) if step.end_is_next else end,
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
            _range(level),
        )
        for level in serum_levels(context)
    )
    if levels:
        head = (
            _("drug"),
            _("level"),
            in_context("daily dose", "at"),
            _("per mg/day"),
            in_context("reference values", "range"),
        )
        title = _("Drug levels")
        parts.append(Table(head=head, rows=levels, n_text=len(head), title=title))
    values = tuple(
        (
            word_of(_TESTS, one.name),
            _number(one.value, one.unit),
            word_of(_STATUS, one.status or "") or words_in_words(one.reason),
        )
        for one in laboratory_values(context)
    )
    if values:
        title = _("Values")
        parts.append(
            Table(
                head=(_("test"), _("value"), in_context("reference values", "range")),
                rows=values,
                n_text=3,
                title=title,
            )
        )
    if parts:
        yield Section(key="blood", title=_("Blood"), parts=tuple(parts))


def _range(level: SerumLevel) -> str:
    """Return where a level lies, in which range, and whose range that is."""
    if level.status is None:
        return NO_VALUE
    ends = [NO_VALUE if end is None else short_number(end) for end in (level.low, level.high)]
    source, opened, status = level.range_source.partition(" [")
    cited = _cited(source, status.removesuffix("]")) if opened else words_in_words(source)
    whose = f"; {cited}" if cited else ""
    return f"{word_of(_STATUS, level.status)} ({'-'.join(ends)}{whose})"


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
        head = (
            _("rated"),
            _("total of 9"),
            _("global of 5"),
            _("global 2 or more"),
            _("pseudoakathisia"),
        )
        yield Section(key="bars", title=_("BARS"), parts=(Table(head=head, rows=rows, n_text=5),))


def _causes(context: Context) -> Section:
    return Section(
        key="causes",
        title=_("Other causes and mimics"),
        parts=(
            _cause_table(_("Secondary causes"), secondary_causes(context)),
            _cause_table(_("Mimics"), mimics(context)),
        ),
    )


def _cause_table(title: str, causes: tuple[Cause, ...]) -> Table:
    rows = tuple(
        (words_in_words(one.words), word_of(_STATUS, one.status), translated(one.because))
        for one in causes
    )
    return Table(head=(_("cause"), _("status"), _("because")), rows=rows, n_text=3, title=title)


def _findings(file: ContextFile) -> Iterator[Section]:
    if file.findings:
        rows = tuple(
            (one.severity, one.where, translated(one.message), one.code) for one in file.findings
        )
        yield Section(key="findings", title=_("Findings"), parts=(Remarks(rows=rows),))
