"""Agreement of two scorings as JSON and as a page of plain text.

Both are made from one document (schema ``psgkit.agreement/1``).  Control characters in file names
are escaped.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psgkit.document.masking import masked
from psgkit.document.outside_text import bare_name, encodable, visible
from psgkit.document.values import tidy
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import (
    NO_VALUE,
    THIN,
    digits,
    short_number,
    signed,
    with_unit,
)
from psgkit.report.words.words import (
    SEVERITY_NAMES,
    capitalised,
    listed,
    research_only,
    site_in_words,
    word_of,
)

Document = Mapping[str, Any]
_RULE = "\u2500"
KIND_NAMES = Words(
    {
        "lm": marked("limb movements"),
        "arousal": marked("arousals"),
        "apnea": marked("apneas"),
        "hypopnea": marked("hypopneas"),
        "rera": marked("RERAs"),
        "artifact": marked("artifacts"),
    }
)
BOUNDARY_NAMES = {"onset_error": marked("{place}, onset"), "end_error": marked("{place}, end")}
"""Label of each error of a boundary, by its name in the document."""


def agreement_as_json(document: Document) -> str:
    """Return the document as JSON text, numbers with six decimals; the same bytes every time."""
    return encodable(json.dumps(_rounded(masked(document)), indent=2, ensure_ascii=False) + "\n")


def agreement_as_text(document: Document, *, width: int = 80) -> str:
    """Return the document as lines of at most ``width`` characters.

    Raises
    ------
    ValueError
        If the lines would be too short for the tables.
    """
    if width < 76:  # noqa: PLR2004 - the widest table
        raise ValueError(f"a comparison needs a width of at least 76, got {width}")
    lines = [*_head(document)]
    for kind in dict.fromkeys(row["kind"] for row in document["events"]):
        rows = [row for row in document["events"] if row["kind"] == kind]
        lines += [
            "",
            _heading(capitalised(KIND_NAMES[kind]), width),
            *_events(rows, document["settings"]),
        ]
    if document["stages"] is not None:
        lines += ["", _heading(_("Stages"), width), *_stages(document["stages"])]
    remarks = [*remark_lines(document)]
    if remarks:
        lines += ["", _heading(_("Remarks"), width), *remarks]
    lines += ["", research_only()]
    plain = (line.replace(THIN, " ") for line in lines)  # as every terminal page
    return "".join(f"{piece}\n" for line in plain for piece in _folded(line, width))


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any value of the schema
    """Return the document with its floats rounded; whole counts of epochs become integers."""
    if isinstance(value, Mapping):
        return {
            key: _counts(inner) if key.endswith("_n") else _rounded(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return tidy(value) if isinstance(value, float) else value


def _counts(value: Any) -> Any:  # noqa: ANN401 - a count, or counts by name or row
    """Return counts as integers where they are whole, rounded elsewhere."""
    if isinstance(value, Mapping):
        return {key: _counts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_counts(inner) for inner in value]
    return int(value) if float(value).is_integer() else tidy(value)


def _head(document: Document) -> Iterable[str]:
    yield _("psgkit compare")
    sides = {"reference": _("reference"), "candidate": _("candidate")}
    size = max(map(len, sides.values()))
    for side, word in sides.items():
        about = document[side]
        counts = [
            f"{digits(n, 0)} {word_of(KIND_NAMES, kind)}" for kind, n in about["events_n"].items()
        ]
        if about["scored_epochs_n"]:
            counts.append(_("{n} scored epochs", n=count_in_words(about["scored_epochs_n"])))
        start = (about["start"] or "").replace("T", " ")
        if start:
            counts.append(_("starts {start}", start=start))
        yield f"  {word:<{size}}  {visible(bare_name(about['file']))}: {listed(counts)}"


def _heading(title: str, width: int) -> str:
    """Return a heading with a line to the right edge."""
    return f"{title} {_RULE * (width - len(title) - 1)}"


def _events(rows: Sequence[Document], settings: Document) -> Iterable[str]:
    """Return the tables of one kind of event: counts and scores, then boundaries."""
    head = (
        "",
        _("reference"),
        _("candidate"),
        _("difference"),
        _("matched"),
        _("precision"),
        _("recall"),
        _("F1"),
    )
    tolerance = with_unit(short_number(settings["onset_tolerance_s"]), "s")
    ways = (
        ("onset", _("Matched by onset, at most {tolerance} apart", tolerance=tolerance)),
        ("overlap", _("Matched by overlap, however short")),
    )
    for way, title in ways:
        yield f"  {title}"
        yield from _table(head, [score_cells(row, way) for row in rows])
        yield ""
    yield f"  {_('Candidate less reference in seconds, of the pairs matched by onset')}"
    most = _("middle {percent}", percent=with_unit("95", "%"))
    columns = ("", _("pairs"), _("median"), _("middle half"), most)
    boundaries = [boundary_cells(row, boundary) for row in rows for boundary in BOUNDARY_NAMES]
    yield from _table(columns, boundaries)


def score_cells(row: Document, way: str) -> tuple[str, ...]:
    """Return place, counts, precision, recall and F1 of one row, matched in one way."""
    found = row[way]
    return (
        place_in_words(row),
        digits(row["reference_n"], 0),
        digits(row["candidate_n"], 0),
        signed(row["count_difference_n"], 0),
        digits(found["matched_n"], 0),
        *(two_decimals(found[name]["value"]) for name in ("precision", "recall", "f1")),
    )


def boundary_cells(row: Document, boundary: str) -> tuple[str, ...]:
    """Return boundary, pairs, and the differences of one row."""
    found = row["onset"][boundary]
    what = _(BOUNDARY_NAMES[boundary], place=place_in_words(row))
    if found["median_s"] is None:
        return what, "0", NO_VALUE, NO_VALUE, NO_VALUE
    return (
        what,
        digits(found["n"], 0),
        signed(found["median_s"], 3),
        _("{low} to {high}", low=signed(found["q25_s"], 3), high=signed(found["q75_s"], 3)),
        _("{low} to {high}", low=signed(found["low95_s"], 3), high=signed(found["high95_s"], 3)),
    )


def place_in_words(row: Document) -> str:
    """Return the site of a row, or that it is of all."""
    if row["site"] is None:
        return _("any site") if row["kind"] == "lm" else _("all")
    return site_in_words(row["site"])


def _stages(stages: Document) -> Iterable[str]:
    """Return agreement and kappa, what was left out, and the table of stages."""
    agreement = stages["agreement"]["value"]
    agreed = _(
        "Agreement {agreement}, Cohen's kappa {kappa}, over {n} epochs of {length}",
        agreement=NO_VALUE if agreement is None else with_unit(digits(100 * agreement, 1), "%"),
        kappa=two_decimals(stages["kappa"]["value"]),
        n=count_in_words(stages["compared_n"]),
        length=with_unit(short_number(stages["epoch_s"]), "s"),
    )
    left_out = _(
        "Left out: {reference} scored by the reference only, {candidate} by the candidate "
        "only, {neither} by neither",
        reference=count_in_words(stages["only_reference_n"]),
        candidate=count_in_words(stages["only_candidate_n"]),
        neither=count_in_words(stages["neither_n"]),
    )
    yield from (f"  {agreed}", f"  {left_out}", "")
    names = [str(name) for name in stages["confusion"]["stages"]]
    head = (_("reference \\ candidate"), *names, _("all"), _("kappa"))
    rows = [
        (
            str(one["stage"]),
            *(count_in_words(n) for n in counts),
            count_in_words(one["reference_n"]),
            two_decimals(one["kappa"]["value"]),
        )
        for one, counts in zip(stages["by_stage"], stages["confusion"]["epochs_n"], strict=True)
    ]
    totals = (_("all"), *(count_in_words(one["candidate_n"]) for one in stages["by_stage"]))
    yield from _table(head, [*rows, (*totals, count_in_words(stages["compared_n"]), "")])


def remark_lines(document: Document) -> Iterable[str]:
    """Return reasons of missing scores, what was not compared, and the findings of both files."""
    for reason in dict.fromkeys(_reasons({k: document[k] for k in ("events", "stages")})):
        yield f"  {NO_VALUE}  {reason}"
    for row in document["not_compared"]:
        kind = KIND_NAMES[row["kind"]]
        yield f"  {_('not compared: {what} ({reason})', what=kind, reason=visible(row['reason']))}"
    if document["stages_reason"]:
        reason = visible(document["stages_reason"])
        yield f"  {_('not compared: {what} ({reason})', what=_('stages'), reason=reason)}"
    for found in document["findings"]:
        message_text = visible(f"{found['where']}: {found['message']} [{found['code']}]")
        yield f"  {SEVERITY_NAMES[found['severity']]}: {message_text}"


def _reasons(value: Any) -> Iterable[str]:  # noqa: ANN401 - any value of the schema
    """Return the reasons in a part of the document, in its order."""
    if isinstance(value, Mapping):
        if value.get("reason"):
            yield value["reason"]
        for inner in value.values():
            yield from _reasons(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _reasons(inner)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Return aligned lines: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        numbers = (f"{cell:>{size}}" for cell, size in zip(row[1:], widths[1:], strict=True))
        yield "  ".join(("  " + f"{row[0]:<{widths[0]}}", *numbers)).rstrip()


def _folded(line: str, width: int) -> list[str]:
    """Return a line as lines of at most ``width``, the later ones indented."""
    import textwrap

    return textwrap.wrap(line, width, subsequent_indent="    ", replace_whitespace=False) or [""]


def two_decimals(value: float | None) -> str:
    """Return a score, or the sign of none."""
    return NO_VALUE if value is None else digits(value, 2)


def count_in_words(value: float) -> str:
    """Return a count of epochs; fractions to one decimal."""
    return digits(value, 0 if math.isclose(value, round(value), abs_tol=1e-6) else 1)
