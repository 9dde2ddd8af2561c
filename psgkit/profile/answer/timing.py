"""The voice of timing: drugs before the onset, what happened when they changed, what helped."""

from collections.abc import Iterator, Sequence

from psgkit.core.message import translatable
from psgkit.profile.answer.phrases import capital, days_in_words, listed
from psgkit.profile.context.drug_effects import (
    effects_of,
    onset_windows,
    provokes,
    windows_of,
)
from psgkit.profile.context.drugs import OnsetAfterDrug, attempts, onset_after_drugs
from psgkit.profile.context.model import Context, Response
from psgkit.profile.context.scales import naranjo_scores
from psgkit.profile.context.timeline import class_of, day_of, drug_time_line

NO_TIMING = translatable("No drug and no change of a dose is recorded")
_NOTHING = translatable("nothing in the dates of the drugs bears on it")
_SHARED = {
    "both": translatable("(restless-legs type or akathisia)"),
    "rls": translatable("of the restless-legs type, not akathisia"),
}
"""Which condition fits, by what the drugs can provoke."""
_PROVOKED = {"both": "both conditions", "rls": "restless legs", "akathisia": "akathisia"}
_ONSETS_AT_MOST = 2


def timing_sentence(context: Context) -> str:
    """Return what the dates of drugs and symptoms say, in one sentence.

    Examples
    --------
    >>> from psgkit.profile.context.model import Drug, Symptom
    >>> drug = Drug(name="amisulpride", dose=0.6, unit="g/day", start=0)
    >>> timing_sentence(Context(drugs=(drug,), symptoms=(Symptom(site="back", onset=14),)))[:72]
    'Onset 14 days after amisulpride was started (window 42 days, unverified)'
    """
    if not context.drugs and not context.responses and not context.naranjo:
        return f"{NO_TIMING}."
    found = [*_drug_induced(context), *_helped(context)]
    return capital("; ".join(found) or _NOTHING) + "."


def is_drug_induced(context: Context) -> bool:
    """Return whether onset or a change of dose fits a drug-induced condition.

    Examples
    --------
    >>> is_drug_induced(Context())
    False
    """
    return bool(_onsets(context) or _lowered(context, ("gone", "relieved")))


def onset_fits(context: Context) -> bool | None:
    """Return whether an onset fits a drug; None without the dates or drugs that could tell.

    Examples
    --------
    >>> onset_fits(Context()) is None
    True
    """
    if _onsets(context) or _after_stop(context):
        return True
    dated = any(symptom.onset is not None for symptom in context.symptoms)
    return False if dated and context.drugs else None


def remission_fits(context: Context) -> bool | None:
    """Return whether less of a provoking drug helped; None if none was lowered.

    Examples
    --------
    >>> remission_fits(Context()) is None
    True
    """
    if _lowered(context, ("gone", "relieved")):
        return True
    return False if _lowered(context, ("no_change", "worse")) else None


def drug_that_helped(context: Context) -> str:
    """Return what kind of drug helped: ``dopaminergic``, ``akathisia_drug``, ``both``, or nothing.

    Examples
    --------
    >>> drug_that_helped(Context())
    ''
    """
    kinds = {"rls": "dopaminergic", "akathisia": "akathisia_drug", "separates": "akathisia_drug"}
    helped = [one for one in attempts(context) if one.effect in {"gone", "relieved"}]
    found = {_kind(one.drug, one.drug_class) for one in helped} - {"neither"}
    named = {kinds.get(kind, kind) for kind in found}
    return named.pop() if len(named) == 1 else "both" if named else ""


def _drug_induced(context: Context) -> Iterator[str]:
    onsets, better = _onsets(context), _lowered(context, ("gone", "relieved"))
    if onsets or better:
        yield _fits(context, onsets, better)
        for row in better:
            if row.alternative:
                yield translatable(f"the source names {row.alternative} as an alternative")
    else:
        yield from _no_onset(context)
    yield from _naranjo(context)
    for row in _lowered(context, ("worse",)):
        yield translatable(f"{_change(row)}, as in tardive or withdrawal akathisia")
    for row in _lowered(context, ("no_change",)):
        yield translatable(f"{_change(row)}, which speaks against this drug as the cause")


def _naranjo(context: Context) -> Iterator[str]:
    """Yield the probability of a reaction to each drug, beside what followed its removal."""
    for one in naranjo_scores(context):
        drug, how = one.drug, one.probability
        n = len(one.unanswered)
        if one.points is None:
            yield translatable(f"a Naranjo score makes {drug} a {how} cause")
            continue
        said = translatable(f"a Naranjo score of {one.points} makes {drug} a {how} cause")
        yield translatable(f"{said}, {n} of 10 questions open") if n else said


def _fits(context: Context, onsets: Sequence[OnsetAfterDrug], better: Sequence[Response]) -> str:
    """Return onset and remission, and what they fit."""
    named = [one.drug for one in onsets]
    points = [_onset_words(one) for one in onsets]
    if points:
        points[-1] += f" ({_windows_in_words(onsets)})"
    # the drug is named once where only one is
    points += [_change(row, "it" if named == [row.drug] else "") for row in better]
    drugs = list(dict.fromkeys([*named, *(row.drug or "" for row in better)]))
    provoked = {_provoked(drug, class_of(context, drug)) for drug in drugs}
    kind = provoked.pop() if len(provoked) == 1 else "both"
    found = listed(points)
    if kind == "akathisia":
        several = translatable(f"{found} fit drug-induced akathisia")
        return several if len(points) > 1 else translatable(f"{found} fits drug-induced akathisia")
    which = _SHARED[kind]
    several = translatable(f"{found} fit a drug-induced condition {which}")
    one = translatable(f"{found} fits a drug-induced condition {which}")
    return several if len(points) > 1 else one


def _onsets(context: Context) -> list[OnsetAfterDrug]:
    """Return the onset after drugs that provoke, within the window of acute effects."""
    limit = _window("acute akathisia")
    found: dict[str, OnsetAfterDrug] = {}
    for one in onset_after_drugs(context):
        if _provoked(one.drug, one.drug_class) and one.days <= limit:
            found.setdefault(one.drug, one)
    return list(found.values())[:_ONSETS_AT_MOST]


def _onset_words(one: OnsetAfterDrug) -> str:
    drug, when = one.drug, days_in_words(one.days)
    if one.event == "started":
        same_day = translatable(f"onset on the day when {drug} was started")
        return same_day if one.days == 0 else translatable(f"onset {when} after {drug} was started")
    same_day = translatable(f"onset on the day when {drug} was raised")
    return same_day if one.days == 0 else translatable(f"onset {when} after {drug} was raised")


def _windows_in_words(onsets: Sequence[OnsetAfterDrug]) -> str:
    """Return the window that an onset lies in, and where it is later than usual for its drug."""
    limit = days_in_words(_window("acute akathisia"))
    parts = [translatable(f"window {limit}")]
    for one in onsets:
        usual = [
            window.to_days
            for window in windows_of(one.drug, one.drug_class)
            if window.drugs and window.to_days is not None
        ]
        if usual and one.days > max(usual):
            parts.append(translatable(f"{max(usual):g} days for {one.drug}"))
    return f"{', '.join(parts)}, unverified"


def _no_onset(context: Context) -> Iterator[str]:
    """Yield why no onset fits a drug: late, after a stop, without a date, or no such drug."""
    late = [one for one in onset_after_drugs(context) if _provoked(one.drug, one.drug_class)]
    stopped = _after_stop(context)
    steps = drug_time_line(context)
    if stopped:
        yield stopped
    elif late:
        onset, limit = _onset_words(late[0]), days_in_words(_window("acute akathisia"))
        said = translatable(f"{onset} is late for an acute effect (window {limit}, unverified)")
        tardive = late[0].days >= _window("tardive akathisia")
        yield translatable(f"{said} and fits tardive akathisia") if tardive else said
    elif names := list(dict.fromkeys(s.drug for s in steps if _provoked(s.drug, s.drug_class))):
        what = {_provoked(step.drug, step.drug_class) for step in steps if step.drug in names}
        provoked = _PROVOKED[what.pop() if len(what) == 1 else "both"]
        dated = any(symptom.onset is not None for symptom in context.symptoms)
        drugs = listed(names)
        yield (
            translatable(f"{drugs} can provoke {provoked}, but it is not recorded what came first")
            if dated
            else translatable(f"{drugs} can provoke {provoked}, but no day of onset is recorded")
        )
    elif context.drugs:
        yield translatable("no drug that is known to provoke restlessness is recorded")


def _after_stop(context: Context) -> str:
    """Return an onset within weeks of a stop, in words; empty if there is none."""
    onsets = [day_of(context, symptom.onset) for symptom in context.symptoms]
    limit = _window("withdrawal akathisia")
    for step in drug_time_line(context):
        if step.last_day is None or step.end_is_next or not _provoked(step.drug, step.drug_class):
            continue
        after = [day - step.last_day for day in onsets if day is not None]
        near = [days for days in after if 0 < days <= limit]
        if near:
            when = days_in_words(min(near))
            return translatable(
                f"onset {when} after {step.drug} was stopped fits withdrawal akathisia"
            )
    return ""


def _lowered(context: Context, effects: Sequence[str]) -> list[Response]:
    """Return the stops and lower doses of provoking drugs that had one of ``effects``."""
    return [
        row
        for row in context.responses
        if row.change in {"stopped", "dose_reduced"}
        and row.effect in effects
        and row.drug is not None
        and _provoked(row.drug, class_of(context, row.drug))
    ]


def _change(row: Response, drug: str = "") -> str:
    """Return a change and what followed, in words."""
    words = {"gone": "remission", "relieved": "improvement", "worse": "worsening"}
    state = words.get(row.effect or "", "no change")
    when = "" if row.after_days is None else f" {days_in_words(row.after_days)}"
    # what follows a semicolon is a remark, not the change
    dose = f" ({row.words.partition(';')[0]})" if row.words else ""
    what, drug = f"{state}{when}", drug or row.drug or ""
    if row.change == "stopped":
        it = translatable(f"{what} after it was stopped")
        named = translatable(f"{what} after {drug} was stopped")
    else:
        it = translatable(f"{what} after it was reduced")
        named = translatable(f"{what} after {drug} was reduced")
    return (it if drug == "it" else named) + dose


def _helped(context: Context) -> Iterator[str]:
    """Yield what drugs given for the symptom did, by what that says."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in attempts(context):
        kind = one.adequate if one.effect == "no_change" else _kind(one.drug, one.drug_class)
        if one.effect:
            groups.setdefault((one.effect, kind), []).append(one.drug)
    little = [*groups.pop(("no_change", "no"), []), *groups.pop(("no_change", "not_known"), [])]
    for (effect, kind), drugs in groups.items():
        if effect == "no_change":
            yield translatable(
                f"{listed(drugs)} did not help in a fair trial, weak against akathisia"
            )
        elif effect == "worse":
            yield _worse(listed(drugs), kind)
        else:
            yield _help(listed(drugs), kind)
    if little:
        yield translatable(f"{listed(little)} did not help (no fair trial)")


def _help(drugs: str, kind: str) -> str:
    """Return what help says, by what the drugs are known to relieve."""
    return {
        "rls": translatable(f"{drugs} helped, as expected in restless legs"),
        "akathisia": translatable(f"{drugs} helped, as expected in akathisia"),
        "both": translatable(f"{drugs} helped, as expected in both conditions"),
        "neither": translatable(f"{drugs} helped"),
        "separates": translatable(
            f"{drugs} helped (such drugs relieve akathisia and provoke restless legs)"
        ),
    }[kind]


def _worse(drugs: str, kind: str) -> str:
    """Return what worsening says."""
    if kind == "separates":
        return translatable(
            f"{drugs} made it worse (such drugs provoke restless legs and relieve akathisia)"
        )
    return translatable(f"{drugs} made it worse")


def _kind(drug: str, drug_class: str) -> str:
    """Return what a drug relieves: ``rls``, ``akathisia``, ``both``, ``neither``, ``separates``."""
    does = {effect.on: effect.does for effect in effects_of(drug, drug_class)}
    rls, akathisia = does.get("rls") == "relieves", does.get("akathisia") == "relieves"
    if akathisia and does.get("rls") == "provokes":
        return "separates"
    if rls and akathisia:
        return "both"
    return "rls" if rls else "akathisia" if akathisia else "neither"


def _provoked(drug: str, drug_class: str) -> str:
    """Return what a drug provokes: ``rls``, ``akathisia``, ``both``, or nothing."""
    rls, akathisia = (provokes(drug, on, drug_class) for on in ("rls", "akathisia"))
    return "both" if rls and akathisia else "rls" if rls else "akathisia" if akathisia else ""


def _window(name: str) -> float:
    """Return the edge of a window of onset in days: its end, or where it has none its start."""
    window = next(one for one in onset_windows() if one.of == name)
    return window.from_days if window.to_days is None else window.to_days
