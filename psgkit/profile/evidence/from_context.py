"""Values of evidence items from the answers of a clinical context.

An answer that was not given, or only partly, is missing with the question as reason; it never
counts as "no".  The part after the colon of ``reads`` names the answers: ``context:criteria.back``.
"""

from collections.abc import Callable, Mapping, Sequence

from psgkit.core.message import translatable
from psgkit.core.night_report import NightReport
from psgkit.profile.context.causes import Cause, mimics, secondary_causes
from psgkit.profile.context.drug_effects import effects_of, provokes
from psgkit.profile.context.drug_names import drug_key
from psgkit.profile.context.drugs import Attempt, attempts, onset_after_drugs, responses_by_class
from psgkit.profile.context.facts import CRITERIA, CriteriaMet, bars_ratings, criteria_met
from psgkit.profile.context.model import Context
from psgkit.profile.evidence.from_indices import Value
from psgkit.profile.evidence.items import Item

NO_CONTEXT = translatable("no clinical context was given")
_WORDS = {
    "not_explained": translatable("not otherwise explained"),
    "parkinsons_disease": "Parkinson's disease",
    "end_stage_renal_disease": "end-stage renal disease",
}
_PARTS = {"legs": "legs", "arms": "arms", "back": "trunk"}
"""Which group of indices records a site that was asked about."""
_SENSOR_WORDS = {
    "legs": ("ankle", "foot", "leg", "shin", "calf"),
    "arms": ("wrist", "hand", "forearm", "arm"),
    "trunk": ("lumbar", "back", "waist", "trunk", "hip"),
}
_LEAST_MOVEMENTS = 10.0
_NO_RESPONSE = translatable("no response to such a change is recorded")


def answer_of(item: Item, report: NightReport, context: Context | None) -> Value:
    """Return the value of an item that reads answers.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> from psgkit.profile.context.model import Bars
    >>> from psgkit.profile.evidence.items import all_evidence
    >>> items = {item.id: item for item in all_evidence().items}
    >>> night = score_night(Events.none())
    >>> answer_of(items["bars"], night, Context(bars=(Bars(global_score=3),))).value
    3.0
    >>> answer_of(items["bars"], night, Context()).reason
    'no BARS global score is recorded'
    """
    if context is None or not item.asks_of_night:
        return answer_outside(item, context)
    return _agreement(report, context, _read(item)[1])


def answer_outside(item: Item, context: Context | None) -> Value:
    """Return the value of an item that reads answers only, without a recording.

    Examples
    --------
    >>> from psgkit.profile.evidence.items import all_evidence
    >>> items = {item.id: item for item in all_evidence().items}
    >>> answer_outside(items["bars"], None).reason
    'no clinical context was given'
    """
    if context is None:
        return Value(reason=NO_CONTEXT)
    name, about = _read(item)
    return READERS[name](context, about)


def _read(item: Item) -> tuple[str, str]:
    """Return what is read of the answers, and about what."""
    name, _, about = item.reads[0].removeprefix("context:").partition(".")
    return name, about


def _criteria(context: Context, site: str) -> Value:
    """Return the number of criteria met if it decides; else the questions not asked."""
    criteria = criteria_met(context, site)
    if criteria is None:
        return Value(reason=translatable(f"no answers about the {site}"))
    met = float(len(criteria.met))
    if criteria.missing:
        return Value(value=met, words=f"; not met: {_listed(criteria.missing)}")
    if len(criteria.met) == len(CRITERIA):
        return Value(value=met)
    open_ones = _listed((*criteria.unknown, *criteria.partly))
    return Value(
        reason=translatable(
            f"{site}: {met:.0f} of 5 criteria met, not asked or only partly: {open_ones}"
        )
    )


def _inner_restlessness(context: Context, _: str) -> Value:
    answers = [symptom.inner_restlessness for symptom in context.symptoms]
    known = [answer for answer in answers if isinstance(answer, bool)]
    if any(known):
        return Value(value=1.0, words="yes")
    if known and len(known) == len(answers):
        return Value(value=0.0, words="no")
    return Value(reason=translatable("restlessness inside: not asked, or only partly"))


def _bars(context: Context, _: str) -> Value:
    rated = [rating for rating in bars_ratings(context) if rating.global_score is not None]
    if not rated:
        return Value(reason=translatable("no BARS global score is recorded"))
    last = max(rated, key=lambda rating: float("-inf") if rating.day is None else rating.day)
    pseudo = "; movements without inner restlessness (pseudoakathisia)" * bool(last.pseudoakathisia)
    return Value(value=float(last.global_score or 0), words=pseudo)


def _onset(context: Context, classes: str) -> Value:
    found = [one for one in onset_after_drugs(context) if _is_of(classes, one.drug, one.drug_class)]
    if not found:
        return Value(
            reason=translatable("no onset after such a drug is recorded, or its dates are missing")
        )
    first = found[0]
    event = {"started": "was started", "dose_raised": "was raised"}[first.event]
    return Value(value=float(first.days), words=f"{first.drug} {event}")


_OUTCOMES = {
    "more": ("{} helped", "{} did not help"),
    "less": (
        "symptoms improved after {} was reduced or stopped",
        "no improvement after {} was reduced or stopped",
    ),
}
"""Sentences for a change that helped and for one that did not, by the direction of the dose."""


def _response(direction: str) -> Callable[[Context, str], Value]:
    def read(context: Context, classes: str) -> Value:
        helped, failed = _tried(context, classes, direction)
        if not helped and not failed:
            return Value(reason=_NO_RESPONSE)
        outcomes = zip((helped, failed), _OUTCOMES[direction], strict=True)
        words = [outcome.format(_listed(drugs)) for drugs, outcome in outcomes if drugs]
        return Value(value=float(bool(helped)), words="; ".join(words))

    return read


def _helped(context: Context, classes: str) -> Value:
    """Return the number of drugs that helped, with dose and days."""
    tried = _judged(context, classes)
    helped = [one for one in tried if one.effect in {"gone", "relieved"}]
    if not tried:
        return Value(reason=_NO_RESPONSE)
    words = "; ".join(f"{_with_dose(one)} helped" for one in helped)
    return Value(value=float(len(helped)), words=words or "none helped")


def _failed(context: Context, classes: str) -> Value:
    """Return the number of drugs that failed in a fair trial; every failure is named."""
    tried = _judged(context, classes)
    failed = [one for one in tried if one.effect in {"no_change", "worse"}]
    if not tried:
        return Value(reason=_NO_RESPONSE)
    words = "; ".join(f"{_with_dose(one)} ({_fair(one)})" for one in failed)
    return Value(
        value=float(sum(one.adequate == "yes" for one in failed)), words=words or "none failed"
    )


def _fair(one: Attempt) -> str:
    """Return whether a drug had a fair trial, and why."""
    return {
        "yes": translatable(f"a fair trial: {one.why}"),
        "no": translatable(f"no fair trial: {one.why}"),
        "not_known": translatable(f"whether fair is not known: {one.why}"),
    }[one.adequate]


def _judged(context: Context, classes: str) -> list[Attempt]:
    return [
        one for one in attempts(context) if one.effect and _is_of(classes, one.drug, one.drug_class)
    ]


def _with_dose(one: Attempt) -> str:
    if one.mg_a_day is None:
        return one.drug if one.days is None else translatable(f"{one.drug} for {one.days:g} days")
    if one.days is None:
        return translatable(f"{one.drug} {one.mg_a_day:g} mg a day")
    return translatable(f"{one.drug} {one.mg_a_day:g} mg a day for {one.days:g} days")


def _of_one_drug(context: Context, name: str) -> Value:
    """Return 1 if a drug helped, -1 if the symptoms worsened under it, 0 if nothing changed."""
    tried = _judged(context, name)
    if not tried:
        return Value(reason=_NO_RESPONSE)
    signs = {_SIGN[one.effect] for one in tried}
    words = "; ".join(f"{_with_dose(one)}: {_EFFECT[one.effect]}" for one in tried)
    value = 0.0 if len(signs) > 1 else float(next(iter(signs)))
    return Value(value=value, words=words)


_SIGN = {"gone": 1, "relieved": 1, "no_change": 0, "worse": -1}
_EFFECT = {
    "gone": translatable("symptoms gone"),
    "relieved": translatable("symptoms relieved"),
    "no_change": translatable("no change"),
    "worse": translatable("symptoms worse"),
}


def _is_of(wanted: str, drug: str, drug_class: str) -> bool:
    """Return whether a drug is one of the wanted: classes joined by "+", or one of three words.

    ``provoking`` are drugs known or expected to provoke restlessness; ``akathisia`` are treatments
    of akathisia that do not also relieve restless legs, but for mirtazapine, which has an item of
    its own; any other word is the name of a drug or a class.
    """
    if wanted == "provoking":
        return any(provokes(drug, on, drug_class) for on in ("rls", "akathisia"))
    if wanted == "akathisia":
        effects = {one.on: one.does for one in effects_of(drug, drug_class)}
        treats = effects.get("akathisia") == "relieves" or drug_class in _AGAINST_AKATHISIA
        return treats and effects.get("rls") != "relieves" and drug_key(drug) != "mirtazapine"
    return drug_class in wanted.split("+") or drug_key(drug) == wanted


_AGAINST_AKATHISIA = ("beta_blocker", "anticholinergic")


def _tried(context: Context, classes: str, direction: str) -> tuple[list[str], list[str]]:
    """Return the drugs that helped, and those that did not."""
    rows = [row for row in responses_by_class(context) if row.direction == direction]

    def those(names: Sequence[str], drug_class: str) -> list[str]:
        return [name for name in names if _is_of(classes, name, drug_class)]

    helped = [drug for row in rows for drug in those(row.helped, row.drug_class)]
    failed = [drug for row in rows for drug in those((*row.failed, *row.worsened), row.drug_class)]
    return helped, failed


def _causes(read: Callable[[Context], Sequence[Cause]]) -> Callable[[Context, str], Value]:
    def status_of_each(context: Context, _: str) -> Value:
        causes = read(context)
        if all(cause.status == "not_known" for cause in causes):
            return Value(reason=translatable("none of them was asked about"))
        groups = {
            status: [_cause(cause) for cause in causes if cause.status == status]
            for status in ("present", "possible", "contradictory", "excluded", "not_known")
        }
        words = [_of_status(status, _listed(names)) for status, names in groups.items() if names]
        sentence = "; ".join(words)
        count = float(len(groups["present"]))
        return Value(value=count, words=sentence[:1].upper() + sentence[1:])

    return status_of_each


def _of_status(status: str, causes: str) -> str:
    return {
        "present": translatable(f"present: {causes}"),
        "possible": translatable(f"possible: {causes}"),
        "contradictory": translatable(f"contradictory: {causes}"),
        "excluded": translatable(f"excluded: {causes}"),
        "not_known": translatable(f"not known: {causes}"),
    }[status]


def _cause(cause: Cause) -> str:
    """Return a cause as a sentence names it; what is only possible with its reason."""
    name = _WORDS.get(cause.name, cause.name.replace("_", " "))
    return f"{name} ({cause.because})" if cause.status == "possible" else name


def _agreement(report: NightReport, context: Context, site: str) -> Value:
    """Return the share of periodic movements at a site for which criteria are met, in percent."""
    criteria = criteria_met(context, site)
    if criteria is None or not _mostly_met(criteria):
        return Value(reason=translatable(f"no criteria are answered as met for the {site}"))
    moved = {part: _movements(report, part) for part in _PARTS.values()}
    here = moved[_PARTS[site]]
    if here is None:
        return Value(reason=translatable(f"no movements of the {site} could have been recorded"))
    every = sum(count for count in moved.values() if count is not None)
    if every < _LEAST_MOVEMENTS:
        return Value(
            reason=translatable(f"{every:g} periodic movements in all, too few to compare")
        )
    counts = ", ".join(f"{part}: {count:g}" for part, count in moved.items() if count is not None)
    return Value(value=100.0 * here / every, words=f" ({counts})")


def _mostly_met(criteria: CriteriaMet) -> bool:
    return bool(criteria.met) and not criteria.missing


def _movements(report: NightReport, part: str) -> float | None:
    """Return the periodic movements of a part, of EMG or else of its sensors; None if unseen."""
    index = report.indices.get(part, {}).get("plm_n")
    if index is not None and index.value is not None:
        return index.value
    sensors = [
        indices["plm_n"].value
        for group, indices in report.indices.items()
        if group.startswith("accelerometer_")
        and any(word in group.split("_") for word in _SENSOR_WORDS[part])
        and "plm_n" in indices
    ]
    return max((count for count in sensors if count is not None), default=None)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_WORDS.get(name, name.replace("_", " ")) for name in names)


READERS: Mapping[str, Callable[[Context, str], Value]] = {
    "criteria": _criteria,
    "inner_restlessness": _inner_restlessness,
    "bars": _bars,
    "onset": _onset,
    "more": _response("more"),
    "less": _response("less"),
    "helped": _helped,
    "failed": _failed,
    "drug": _of_one_drug,
    "causes": _causes(secondary_causes),
    "mimics": _causes(mimics),
}
"""How what an item reads of a context becomes its value; ``agreement`` needs the recording, too."""
