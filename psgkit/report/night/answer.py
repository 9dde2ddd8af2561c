"""Section with the answer of a profile: three voices, both together, and the matrix.

It stands above the numbers of a report; the evidence behind it is a section of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from psgkit.core.night_report import Profile
from psgkit.profile.evidence.items import CONDITIONS
from psgkit.report.page_model import ANSWER, Cell, Facts, Matrix, MatrixRow, Notes, Part, Section
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.messages import sentence_in_words, words_in_words
from psgkit.report.words.number_format import MINUS, NO_VALUE
from psgkit.report.words.words import capitalised

PLUS = "+"
_LEVELS = Words(
    {
        "typical": marked("typical"),
        "possible": marked("possible"),
        "atypical": marked("atypical"),
        "unknown": marked("unknown", "expectation"),
    }
)
_COLUMNS = Words(
    {
        "rls": marked("RLS"),
        "ras": marked("RAS"),
        "rbs": marked("RBS"),
        "akathisia": marked("akathisia"),
    }
)


def answer_sections(profile: Profile) -> tuple[Section, ...]:
    """Return the section with the answer; none if an earlier psgkit wrote the report.

    Examples
    --------
    >>> from psgkit.profile.answer.statement import answer_of_context
    >>> from psgkit.profile.context.model import Context
    >>> [section.title for section in answer_sections(answer_of_context(Context()))]
    ['What speaks for what']
    """
    if not profile.together:
        return ()
    parts: list[Part] = [voices(profile)]
    if profile.cautions:
        parts.append(
            Notes(
                title=_("What else could explain it"),
                lines=tuple(map(sentence_in_words, profile.cautions)),
            )
        )
    if profile.matrix:
        parts.append(matrix_part(profile.matrix))
    return (
        Section(
            key=ANSWER,
            title=_("What speaks for what"),
            note=_("Evidence only, never a diagnosis."),
            parts=tuple(parts),
        ),
    )


def voices(profile: Profile) -> Facts:
    """Return the three voices and both together, each with its name."""
    rows = (
        (_("Answers"), profile.answers.removeprefix("Answers ")),
        (_("Timing"), profile.timing),
        (_("Recording"), profile.recording),
        (_("Together"), profile.together.removeprefix("Together ")),
    )
    return Facts(rows=tuple((name, sentence_in_words(capitalised(said))) for name, said in rows))


def matrix_part(rows: Iterable[Mapping[str, Any]]) -> Matrix:
    """Return the matrix of expectations and findings."""
    given = list(rows)
    sources = dict.fromkeys(
        part for row in given for part in str(row.get("source") or "").split("; ") if part
    )
    return Matrix(
        head=(_("Feature"), _("Found"), *(capitalised(_COLUMNS[name]) for name in CONDITIONS)),
        rows=tuple(map(_row, given)),
        foot=_(
            "{plus} the finding fits, {minus} it does not; no sign: open in the literature, or "
            "nothing found. RLS, RAS, RBS: restless legs, arms, back.",
            plus=PLUS,
            minus=MINUS,
        ),
        sources=tuple(map(words_in_words, sources)),
    )


def _row(row: Mapping[str, Any]) -> MatrixRow:
    found = bool(row.get("found"))
    return MatrixRow(
        feature=words_in_words(str(row.get("feature") or "")),
        finding=words_in_words(str(row.get("finding") or NO_VALUE)),
        found=found,
        cells=tuple(_cell(row, name) for name in CONDITIONS),
    )


def _cell(row: Mapping[str, Any], condition: str) -> Cell:
    expected, agrees, expects, sources = (
        (row.get(key) or {}).get(condition) for key in ("expected", "agrees", "expects", "sources")
    )
    level = _LEVELS.get(str(expected), str(expected or NO_VALUE))
    sign = {True: PLUS, False: MINUS}.get(agrees, "") if isinstance(agrees, bool) else ""
    words = words_in_words(str(expects)) if expects else level
    return Cell(
        words=words,
        sign=sign,
        hint=f"{level}: {words_in_words(str(sources))}" if sources else level,
    )


def short_matrix(matrix: Matrix) -> Matrix:
    """Return the matrix with the rows of which something was found."""
    return replace(matrix, rows=tuple(row for row in matrix.rows if row.found))


def folded(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Return sections that are closed until somebody opens them."""
    return tuple(replace(section, folded=True) for section in sections)
