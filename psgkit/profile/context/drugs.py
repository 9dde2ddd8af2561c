"""Drugs and symptoms in time: starts and dose rises before an onset, and responses to changes.

Sequence is no cause: a drug before an onset is evidence only with the response to its removal.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from psgkit.core.dataclass import dataclass
from psgkit.profile.context.drug_effects import Adequate, adequate_trial
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.model import Context, Response
from psgkit.profile.context.timeline import DrugStep, class_of, day_of, drug_time_line

Event: TypeAlias = Literal["started", "dose_raised"]
Direction: TypeAlias = Literal["more", "less", "other"]

_DIRECTIONS: Mapping[str, Direction] = {
    "started": "more",
    "dose_raised": "more",
    "stopped": "less",
    "dose_reduced": "less",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OnsetAfterDrug:
    """A symptom that began ``days`` after a drug was started or its dose raised.

    ``drug_class`` may be ``unknown``; ``still_taken`` is None where the file does not say.
    """

    site: str
    drug: str
    drug_class: str
    event: Event
    days: int
    still_taken: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponsesOfClass:
    """Responses of the symptom to changes of one class of drugs, in one direction.

    Attributes
    ----------
    drug_class : str
        ``unknown`` where no drug or class is known; ``not_a_drug`` for other measures.
    direction : {"more", "less", "other"}
        Started or raised; stopped or reduced; anything else.
    helped, failed, worsened, unknown_effect : tuple of str
        Drugs or words of the changes after which it was gone or relieved; unchanged; worse; and
        with an unknown effect.
    shortest_days : float or None
        Until the first of ``helped``, where stated.
    """

    drug_class: str
    direction: Direction
    helped: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    worsened: tuple[str, ...] = ()
    unknown_effect: tuple[str, ...] = ()
    shortest_days: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A drug that was started or raised against the restlessness, and what came of it.

    Attributes
    ----------
    drug, drug_class : str
        As written, and its class.
    effect : str
        ``gone``, ``relieved``, ``no_change``, ``worse``, or empty where it is not stated.
    mg_a_day, days : float or None
        The dose of that time, and for how long it was taken or until when it was judged.
    adequate, why : str
        Whether it was a fair trial against akathisia, by the published trials.
    """

    drug: str
    drug_class: str
    effect: str
    mg_a_day: float | None
    days: float | None
    adequate: Adequate
    why: str


def attempts(context: Context, site: str | None = None) -> tuple[Attempt, ...]:
    """Return the drugs that were started or raised and whose effect on the symptom was judged.

    Examples
    --------
    >>> from psgkit.profile.context.model import Drug, Response
    >>> drug = Drug(name="propranolol", dose=20, unit="mg/day")
    >>> tried = Response(change="started", drug="propranolol", effect="no_change", after_days=3)
    >>> (one,) = attempts(Context(drugs=(drug,), responses=(tried,)))
    >>> one.adequate, one.why
    ('no', '20 mg a day, where 80 mg were tried')
    """
    found = []
    for row in context.responses:
        at_site = site is None or row.site in {None, site}
        if row.drug is None or _DIRECTIONS.get(row.change) != "more" or not at_site:
            continue
        step = _step_of(context, row)
        mg = None if step is None else step.daily_mg
        days = _days_of(row, step)
        adequate, why = adequate_trial(row.drug, mg, days)
        found.append(
            Attempt(
                drug=row.drug,
                drug_class=class_of(context, row.drug),
                effect=row.effect or "",
                mg_a_day=mg,
                days=days,
                adequate=adequate,
                why=why,
            )
        )
    return tuple(found)


def _step_of(context: Context, row: Response) -> DrugStep | None:
    """Return the dose a response is about: that of its day, else the only or the last one."""
    steps = [one for one in drug_time_line(context) if one.key == drug_key(row.drug or "")]
    day = day_of(context, row.date)
    on_day = [one for one in steps if day is not None and one.first_day == day]
    chosen = on_day or steps
    return chosen[-1] if chosen else None


def _days_of(row: Response, step: DrugStep | None) -> float | None:
    if row.after_days is not None:
        return row.after_days
    if step is None or step.first_day is None or step.last_day is None:
        return None
    return float(step.last_day - step.first_day + 1)


def onset_after_drugs(context: Context, site: str | None = None) -> tuple[OnsetAfterDrug, ...]:
    """Return each start and dose rise at or before the onset of a symptom, the latest first.

    Only what has a day on the axis is here; a rise needs both doses per day.

    Examples
    --------
    >>> from psgkit.profile.context.model import Symptom
    >>> from psgkit.profile.context.model import Drug
    >>> drug = Drug(name="amisulpride", dose=0.6, unit="g/day", start=0)
    >>> back = Symptom(site="back", onset=14)
    >>> [(one.drug_class, one.event, one.days)
    ...  for one in onset_after_drugs(Context(drugs=(drug,), symptoms=(back,)))]
    [('antipsychotic', 'started', 14)]
    """
    events = _starts_and_rises(context)
    found = []
    for symptom in context.symptoms:
        onset = day_of(context, symptom.onset)
        if onset is None or site not in {None, symptom.site}:
            continue
        found += [
            OnsetAfterDrug(
                site=symptom.site,
                drug=step.drug,
                drug_class=step.drug_class,
                event=event,
                days=onset - day,
                still_taken=_taken_on(context, step.key, onset),
            )
            for step, event, day in events
            if day <= onset
        ]
    return tuple(sorted(found, key=lambda one: one.days))


def responses_by_class(context: Context, site: str | None = None) -> tuple[ResponsesOfClass, ...]:
    """Return the responses by class of drug and direction of the change.

    A response without a site counts for every site.

    Examples
    --------
    >>> from psgkit.profile.context.model import Response
    >>> tried = Response(change="started", drug="benzhexol", effect="no_change")
    >>> [(r.drug_class, r.failed) for r in responses_by_class(Context(responses=(tried,)))]
    [('anticholinergic', ('benzhexol',))]
    """
    groups: dict[tuple[str, Direction], dict[str, list[str]]] = {}
    days: dict[tuple[str, Direction], list[float]] = {}
    columns = {"gone": "helped", "relieved": "helped", "no_change": "failed", "worse": "worsened"}
    for row in context.responses:
        if site is not None and row.site not in {None, site}:
            continue
        no_drug = row.change == "not_a_drug"
        key = (
            "not_a_drug" if no_drug else class_of(context, row.drug),
            _DIRECTIONS.get(row.change, "other"),
        )
        column = columns.get(row.effect or "", "unknown_effect")
        label = row.drug or row.words or row.change
        groups.setdefault(key, {}).setdefault(column, []).append(label)
        if column == "helped" and row.after_days is not None:
            days.setdefault(key, []).append(row.after_days)
    return tuple(
        ResponsesOfClass(
            drug_class=key[0],
            direction=key[1],
            shortest_days=min(days.get(key, []), default=None),
            **{column: tuple(labels) for column, labels in group.items()},
        )
        for key, group in groups.items()
    )


def _starts_and_rises(context: Context) -> list[tuple[DrugStep, Event, int]]:
    """Return the first day of each drug, and each day its dose rose above that of the step before.

    A first row is a start, and so is a row after a stated stop.
    """
    found: list[tuple[DrugStep, Event, int]] = []
    before: dict[str, DrugStep] = {}
    for step in drug_time_line(context):
        earlier = before.get(step.key)
        before[step.key] = step
        if step.first_day is None:
            continue
        if earlier is None or _paused(earlier, step.first_day):
            found.append((step, "started", step.first_day))
        elif step.daily_mg and earlier.daily_mg and step.daily_mg > earlier.daily_mg:
            found.append((step, "dose_raised", step.first_day))
    return found


def _paused(earlier: DrugStep, day: int) -> bool:
    """Return whether a drug was stopped, and taken up again on a day after the next."""
    stated = earlier.last_day is not None and not earlier.end_is_next
    return stated and earlier.last_day is not None and day > earlier.last_day + 1


def _taken_on(context: Context, key: str, day: int) -> bool | None:
    """Return whether a drug was taken on a day; None where no stop was stated."""
    steps = [step for step in drug_time_line(context) if step.key == key]
    known = [step for step in steps if step.first_day is not None and step.first_day <= day]
    if any(step.last_day is not None and step.last_day >= day for step in known):
        return True
    return None if any(step.last_day is None for step in steps) else False
