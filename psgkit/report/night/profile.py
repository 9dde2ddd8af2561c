"""Section on the evidence behind the answer about RLS, RAS, RBS and akathisia.

Order: contradictions and limits of any recording; evidence for or against; missing evidence and
what would supply it; measured values that separate nothing; the rule of leaning.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psgkit.core.night_report import NightReport, Profile
from psgkit.profile.answer.diary import WITH_LYING
from psgkit.profile.evidence.families import FAMILY_WORDS
from psgkit.profile.evidence.items import CONTRADICTION, DOUBTS, all_evidence
from psgkit.profile.evidence.of_night import CUT_OFF_WORDS, NOT_IN_A_TEST, PART_ONLY
from psgkit.report.page_model import Notes, Part, Section, Table
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.messages import translated, words_in_words
from psgkit.report.words.number_format import NO_VALUE, digits, short_number, with_unit
from psgkit.report.words.words import capitalised, condition_in_words, listed, word_of

_BELOW = "\u2514 "
"""Begins the line below a finding that says where it comes from."""
_FAILED = "_failed"
"""Ends the id of the evidence that a drug did not help, beside that it helped."""
_HUGE = 100.0
_GRADES = Words(
    {
        "several_studies": marked("several studies"),
        "one_study": marked("one study"),
        "case_report": marked("case report"),
        "derived_by_us": marked("psgkit's own reasoning"),
    }
)
_NEEDS = " Not interpretable here: this needs "
_PLAIN_REASONS = ("no ", "not measured", "the sensor", PART_ONLY, NOT_IN_A_TEST)
"""Reasons that say no more than what would supply the answer."""


def profile_section(report: NightReport) -> Section:
    """Return the section about evidence.

    Examples
    --------
    >>> from psgkit.core.events import Events
    >>> from psgkit.night.scored import score_night
    >>> profile_section(score_night(Events.none())).title
    'Evidence'
    """
    return section_of_profile(report.profile)


def section_of_profile(profile: Profile) -> Section:
    """Return the section about the evidence of a night, of a test or of days."""
    pieces = profile.evidence
    bearing = [piece for piece in pieces if piece.get("supports") or piece.get("against")]
    silent = [
        piece
        for piece in pieces
        if piece not in bearing and not _is_missing(piece) and not piece.get("contradicts")
    ]
    silent = [piece for piece in silent if not _said_by_another(piece, pieces)]
    parts: list[Part] = [_summary(profile)]
    if bearing:
        parts.append(_bearing(bearing))
    if profile.missing:
        parts.append(_missing(profile.missing))
    if silent:
        parts.append(_silent(silent))
    left = _left_out(pieces, profile.missing)
    if left:
        parts.append(Notes(title=_("Not measured"), lines=left))
    if profile.rule:
        lines = tuple(map(translated, profile.rule.splitlines()))
        parts.append(Notes(title=_("The rule of leaning"), lines=lines))
    return Section(
        key="profile",
        title=_("Evidence"),
        note=_("Evidence only, never a diagnosis."),
        parts=tuple(parts),
    )


def _said_by_another(piece: Mapping[str, Any], pieces: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether another finding already states this one: none helped where some failed."""
    name = str(piece.get("id"))
    reverse = name.removesuffix(_FAILED) if name.endswith(_FAILED) else name + _FAILED
    others = [other.get("value") for other in pieces if other.get("id") == reverse]
    return piece.get("value") == 0 and any(others)


def _is_missing(piece: Mapping[str, Any]) -> bool:
    return piece.get("value") is None and bool(piece.get("reason"))


def _summary(profile: Profile) -> Notes:
    """Return the contradictions between answers and recording, and what no recording can show."""
    contradictions = [piece for piece in profile.evidence if piece.get("contradicts")]
    lines = [] if profile.together else list(_leaning_of_earlier_reports(profile))
    lines += [_("Contradiction: {said}", said=_said(piece)) for piece in contradictions]
    lines.append(translated(profile.statement))
    return Notes(lines=tuple(line for line in lines if line))


def _leaning_of_earlier_reports(profile: Profile) -> Iterator[str]:
    """Yield the leaning of a report that an earlier psgkit wrote, which has no answer."""
    if profile.leaning is not None:
        toward = condition_in_words(str(profile.leaning.get("toward", "none")))
        leaning = _("Leaning toward {toward}", toward=toward)
        because = [
            translated(str(reason)).removesuffix(".")
            for reason in profile.leaning.get("because", ())
        ]
        if len(because) > 1:
            yield f"{leaning}:"
            yield from (f"\u2022 {reason}." for reason in because)
        else:
            yield ": ".join([leaning, *because]) + "."
    elif profile.evidence:
        yield _(
            "Undetermined: the measurements do not lean toward one of the four. This "
            "does not mean that none of them is present."
        )


def _bearing(pieces: Sequence[Mapping[str, Any]]) -> Table:
    """Return the evidence for or against a condition, each with its source below."""
    rows: list[tuple[str, ...]] = []
    for piece in pieces:
        supports, against = (
            listed([condition_in_words(str(name)) for name in piece.get(key) or ()]) or NO_VALUE
            for key in ("supports", "against")
        )
        rows.append((_said(piece), supports, against, _grade(piece)))
        rows += [(line, "", "", "") for line in _below(piece)]
    head = (_("What bears on the question"), _("Supports"), _("Against"), _("Grade"))
    foot = _(
        "Grade: published support for the link between finding and condition. \"psgkit's "
        'own reasoning" has no publication.'
    )
    return Table(head=head, rows=tuple(rows), n_text=len(head), foot=foot)


def _silent(pieces: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[tuple[str, ...]] = []
    for piece in pieces:
        rows.append((_said(piece), _grade(piece)))
        rows += [(line, "") for line in _below(piece)]
    head = (_("Measured, but separates none of the four"), _("Grade"))
    return Table(head=head, rows=tuple(rows), n_text=len(head))


def _missing(pieces: Iterable[Mapping[str, Any]]) -> Table:
    """Return what would supply missing evidence, and the kinds of finding concerned."""
    rows = tuple(
        (capitalised(translated(str(piece.get("supply", "")))), _would_tell(piece))
        for piece in pieces
    )
    head = (_("Missing: what would supply it"), _("Questions it would help to answer"))
    return Table(head=head, rows=rows, n_text=len(head))


def _would_tell(piece: Mapping[str, Any]) -> str:
    """Return the kinds of finding, how many questions, and reasons that say more than "no"."""
    families = {item.id: FAMILY_WORDS[item.family] for item in all_evidence().items}
    names = [str(name) for name in piece.get("items") or ()]
    kinds = ", ".join(dict.fromkeys(translated(families.get(name, name)) for name in names))
    questions = _(" ({n} questions)", n=len(names)) if len(names) > 1 else ""
    reasons = (str(reason) for reason in piece.get("reasons") or ())
    stated = [
        translated(one)
        for one in dict.fromkeys(reasons)
        if one and not one.startswith(_PLAIN_REASONS)
    ]
    return capitalised("; ".join([f"{kinds}{questions}", *stated]))


def _left_out(
    pieces: Iterable[Mapping[str, Any]], missing: Iterable[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Return the items without a value that nothing would supply, with the reason."""
    named = {name for piece in missing for name in piece.get("items") or ()}
    return tuple(
        f"{_said(piece)} {capitalised(translated(str(piece['reason'])))}."
        for piece in pieces
        if _is_missing(piece)
        and piece.get("id") not in named
        and piece.get("family") != CONTRADICTION
    )


def _said(piece: Mapping[str, Any]) -> str:
    return evidence_in_words(piece)


def evidence_in_words(piece: Mapping[str, Any]) -> str:
    """Return the sentences of a piece of evidence in the language of the reader.

    A sentence without a translation stays English.

    Examples
    --------
    >>> from psgkit.report.words.language import in_language
    >>> piece = {"id": "x", "text": "It took 12 min to fall asleep."}
    >>> with in_language("de"):
    ...     evidence_in_words(piece)
    'Das Einschlafen dauerte 12 min.'
    """
    text = str(piece.get("text") or piece.get("id") or "")
    tail: list[str] = []
    before, needs, lacking = text.partition(_NEEDS)
    if needs:
        text, tail = before, [translated(f"{needs.lstrip()}{lacking}")]
    bands = next((item.bands for item in all_evidence().items if item.id == piece.get("id")), ())
    for ending in (*CUT_OFF_WORDS.values(), WITH_LYING, *(band.says for band in bands)):
        if ending and text.endswith(f" {ending}"):
            text = text.removesuffix(f" {ending}")
            tail.insert(0, translated(ending))
    first = translated(text)
    # a count of a diary is a clause of the answers, too: without a capital and a full stop
    clause = text[:1].lower() + text[1:].removesuffix(".")
    if first == text and (known := translated(clause)) != clause:
        first = f"{capitalised(known)}."
    return " ".join([first, *tail])


def _grade(piece: Mapping[str, Any]) -> str:
    return grade_in_words(str(piece.get("grade") or ""))


def grade_in_words(grade: str) -> str:
    """Return the grade of a piece of evidence in words.

    Examples
    --------
    >>> grade_in_words("one_study")
    'one study'
    """
    return word_of(_GRADES, grade)


def _below(piece: Mapping[str, Any]) -> list[str]:
    """Return reference values with their source, and a likelihood ratio, one line each."""
    known_ones = (str(one) for one in piece.get("reference") or ())
    references = "; ".join(_reference(one) for one in known_ones if not one.startswith("none:"))
    known = _("Known: {references}.", references=references) if references else ""
    cited = "; ".join(words_in_words(one) for one in str(piece.get("source") or "").split("; "))
    source = _("Source: {source}.", source=cited) if cited else ""
    compared = compared_in_words(piece)
    quoted = " ".join(part for part in (compared, known, source) if part)
    lines = [_BELOW + quoted] if quoted else []
    if piece.get("likelihood"):
        lines.append(_BELOW + likelihood_in_words(piece["likelihood"]))
    return lines


_DOUBTS = Words(
    {
        DOUBTS["unconfirmed"]: marked(" [unconfirmed]"),
        DOUBTS["second_hand"]: marked(" [second-hand]"),
    }
)


def _reference(text: str) -> str:
    """Return what was found in other people: whom, how many, and the value."""
    doubt = next((one for one in _DOUBTS if text.endswith(one)), "")
    whom, colon, value = text.removesuffix(doubt).partition(": ")
    people, opened, n = whom.partition(" (n = ")
    shown = f"{words_in_words(people)}{opened}{n}{colon}{words_in_words(value)}"
    return shown + (_DOUBTS[doubt] if doubt else "")


_COMPARED = Words(
    {
        "healthy": marked("healthy people"),
        "akathisia": marked("akathisia"),
        "rls": marked("restless legs"),
    }
)
_STATUSES = Words(
    {
        "full text": marked("full text read"),
        "abstract": marked("abstract only"),
        "unverified": marked("unverified"),
        "ours": marked("no publication"),
    }
)


def compared_in_words(piece: Mapping[str, Any]) -> str:
    """Return with whom a finding was compared, in how many people, and what was read of it.

    Examples
    --------
    >>> compared_in_words({"compared_with": "rls", "n": 20, "source_status": "abstract"})
    'Compared with restless legs, n = 20, abstract only.'
    """
    if not piece.get("compared_with"):
        return ""
    if piece["compared_with"] == "none":
        return _(
            "Not compared with another group, n = {n}, {status}.",
            n=piece.get("n") or 0,
            status=word_of(_STATUSES, str(piece.get("source_status"))),
        )
    return _(
        "Compared with {whom}, n = {n}, {status}.",
        whom=word_of(_COMPARED, str(piece["compared_with"])),
        n=piece.get("n") or 0,
        status=word_of(_STATUSES, str(piece.get("source_status"))),
    )


def likelihood_in_words(ratio: Mapping[str, Any]) -> str:
    """Return a likelihood ratio as a sentence.

    Examples
    --------
    >>> likelihood_in_words({
    ...     "finding": "periodic movements", "present": True, "of": "rls", "over": "akathisia",
    ...     "of_counts": [11, 11], "over_counts": [5, 9],
    ...     "ratio": 1.73, "low": 1.13, "high": 3.79, "note": "Walters 1991"})[:60]
    'Likelihood ratio of "periodic movements": 1.7 times as likel'
    """
    of, over = (words_in_words(condition_in_words(str(ratio[key]))) for key in ("of", "over"))
    finding = translated(ratio["finding"])
    absence = _('the absence of "{finding}"', finding=finding)
    huge = _("more than {value}", value=short_number(_HUGE))
    (x, n), (y, m) = ratio["of_counts"], ratio["over_counts"]
    return _(
        "Likelihood ratio of {what}: {ratio} times as likely in {of} as in {over} ({percent} "
        "interval {low} to {high}; {counts} have it; {note}). Not to be multiplied with "
        "others.",
        what=f'"{finding}"' if ratio["present"] else absence,
        ratio=digits(ratio["ratio"], 1),
        of=of,
        over=over,
        percent=with_unit("95", "%"),
        low=digits(ratio["low"], 1),
        high=digits(ratio["high"], 1) if ratio["high"] < _HUGE else huge,
        counts=_("{x} of {n} people against {y} of {m}", x=x, n=n, y=y, m=m),
        note=translated(ratio["note"]),
    )
