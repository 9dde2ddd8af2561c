"""Section on the rating scales of a clinical context, and on the probability of a drug reaction."""

from collections.abc import Iterator

from psgkit.profile.context.model import Context
from psgkit.profile.context.scale_model import Aims, Diepss
from psgkit.profile.context.scales import NaranjoScore, irls_scores, naranjo_scores
from psgkit.profile.context.timeline import day_of
from psgkit.report.page_model import Notes, Section, Table
from psgkit.report.words.language import Words, _, marked, plural
from psgkit.report.words.number_format import NO_VALUE, day_in_words
from psgkit.report.words.words import word_of

_RLS6 = Words(
    {
        "sleep": marked("sleep", "RLS-6"),
        "falling_asleep": marked("falling asleep", "RLS-6"),
        "night": marked("night", "RLS-6"),
        "day_rest": marked("day, at rest", "RLS-6"),
        "day_active": marked("day, active", "RLS-6"),
        "tired": marked("tiredness", "RLS-6"),
    }
)
_SEVERITY = Words(
    {
        "none": marked("none", "IRLS"),
        "mild": marked("mild", "IRLS"),
        "moderate": marked("moderate", "IRLS"),
        "severe": marked("severe", "IRLS"),
        "very severe": marked("very severe", "IRLS"),
    }
)
_PROBABILITY = Words(
    {
        "definite": marked("definite"),
        "probable": marked("probable"),
        "possible": marked("possible", "blood level or cause"),
        "doubtful": marked("doubtful"),
    }
)


def scale_sections(context: Context) -> Iterator[Section]:
    """Yield one section on the scales of severity and on the probability of a drug reaction.

    Examples
    --------
    >>> list(scale_sections(Context()))
    []
    """
    rows: list[tuple[str, ...]] = [
        (*_rated("IRLS", one.day), _of(one.total, 40), _severity(one.severity))
        for one in irls_scores(context)
    ]
    for one in context.rls6:
        names = ("sleep", "falling_asleep", "night", "day_rest", "day_active", "tired")
        values = [
            f"{word_of(_RLS6, name)} {value}"
            for name in names
            if (value := getattr(one, name)) is not None
        ]
        rows.append((*_rated("RLS-6", day_of(context, one.date)), NO_VALUE, "; ".join(values)))
    movements: tuple[Aims | Diepss, ...] = (*context.aims, *context.diepss)
    rows += [_of_movements(one, day_of(context, one.date)) for one in movements]
    parts_of_page: list[Table | Notes] = []
    if rows:
        head = (_("scale"), _("rated"), _("total"), _("reads"))
        parts_of_page.append(Table(head=head, rows=tuple(rows), n_text=len(head)))
    notes = tuple(map(_naranjo, naranjo_scores(context)))
    if notes:
        parts_of_page.append(Notes(lines=notes, title=_("Was it the drug? (Naranjo 1981)")))
    if parts_of_page:
        yield Section(key="scales", title=_("Scales"), parts=tuple(parts_of_page))


def _severity(severity: str | None) -> str:
    return NO_VALUE if severity is None else word_of(_SEVERITY, severity)


def _naranjo(score: NaranjoScore) -> str:
    probability = word_of(_PROBABILITY, score.probability)
    if score.points is None:
        return _(
            "{drug}: a drug reaction is {probability} (only the class is recorded)",
            drug=score.drug,
            probability=probability,
        )
    if not score.unanswered:
        return _(
            "{drug}: {points} points, a drug reaction is {probability}",
            drug=score.drug,
            points=score.points,
            probability=probability,
        )
    return plural(
        "{drug}: {points} points, a drug reaction is {probability} ({n} question unanswered)",
        "{drug}: {points} points, a drug reaction is {probability} ({n} questions unanswered)",
        len(score.unanswered),
        drug=score.drug,
        points=score.points,
        probability=probability,
    )


def _of_movements(scale: Aims | Diepss, day: int | None) -> tuple[str, ...]:
    """Return the row of a scale of drug-induced movements."""
    if isinstance(scale, Aims):
        name, most, words, part = "AIMS", 28, _("legs"), scale.legs
    else:
        name, most, words, part = "DIEPSS", 32, _("akathisia"), scale.akathisia
    parts = [] if part is None else [f"{words} {part}"]
    if scale.severity is not None:
        parts.append(_("overall severity {n}", n=scale.severity))
    return (*_rated(name, day), _of(scale.total, most), "; ".join(parts) or NO_VALUE)


def _rated(scale: str, day: int | None) -> tuple[str, str]:
    return scale, NO_VALUE if day is None else day_in_words(day)


def _of(total: int | None, most: int) -> str:
    return NO_VALUE if total is None else _("{total} of {most}", total=total, most=most)
