"""Agreement of two scorings as JSON and as a page of plain text.

Both are made from the same document (schema ``psgkit.agreement/1``), so that they cannot differ.
File names come from outside; control characters in them are spelled out.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psgkit.report.numbers import tidy
from psgkit.report.outside_text import bare_name, encodable, visible

Document = Mapping[str, Any]
NO_VALUE = "\u2013"
_RULE = "\u2500"
_KIND_WORDS = {
    "lm": "Limb movements",
    "arousal": "Arousals",
    "apnea": "Apneas",
    "hypopnea": "Hypopneas",
    "rera": "RERAs",
    "artifact": "Artifacts",
}
_DISCLAIMER = "Research software, not a medical device: a scorer must review what it finds."


def agreement_as_json(document: Document) -> str:
    """Return the document as JSON text, numbers with six decimals; the same bytes every time."""
    return encodable(json.dumps(_rounded(document), indent=2, ensure_ascii=False) + "\n")


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
        lines += ["", _heading(_KIND_WORDS[kind], width), *_events(rows, document["settings"])]
    if document["stages"] is not None:
        lines += ["", _heading("Stages", width), *_stages(document["stages"])]
    remarks = [*_remarks(document)]
    if remarks:
        lines += ["", _heading("Remarks", width), *remarks]
    lines += ["", _DISCLAIMER]
    return "".join(f"{piece}\n" for line in lines for piece in _folded(line, width))


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
    """Return what was compared with what."""
    yield "psgkit compare"
    for side in ("reference", "candidate"):
        about = document[side]
        counts = [f"{n} {kind}" for kind, n in about["events_n"].items()]
        if about["scored_epochs_n"]:
            counts.append(f"{about['scored_epochs_n']} scored epochs")
        start = f", starts {about['start'].replace('T', ' ')}" if about["start"] else ""
        yield f"  {side:<9}  {visible(bare_name(about['file']))}: {', '.join(counts)}{start}"


def _heading(title: str, width: int) -> str:
    """Return a heading with a line to the right edge."""
    return f"{title} {_RULE * (width - len(title) - 1)}"


def _events(rows: Sequence[Document], settings: Document) -> Iterable[str]:
    """Return the tables of one kind of event: counts and scores, then boundaries."""
    head = ("", "reference", "candidate", "difference", "matched", "precision", "recall", "F1")
    ways = (
        ("onset", f"Matched by onset, at most {settings['onset_tolerance_s']:g} s apart"),
        ("overlap", "Matched by overlap, however short"),
    )
    for way, title in ways:
        yield f"  {title}"
        yield from _table(head, [_scores(row, way) for row in rows])
        yield ""
    yield "  Candidate less reference in seconds, of the pairs matched by onset"
    columns = ("", "pairs", "median", "middle half", "middle 95 %")
    boundaries = [
        _boundary(row, boundary) for row in rows for boundary in ("onset_error", "end_error")
    ]
    yield from _table(columns, boundaries)


def _scores(row: Document, way: str) -> tuple[str, ...]:
    """Return one line of a table of scores."""
    found = row[way]
    return (
        _place(row),
        str(row["reference_n"]),
        str(row["candidate_n"]),
        f"{row['count_difference_n']:+d}" if row["count_difference_n"] else "0",
        str(found["matched_n"]),
        *(_two_decimals(found[name]["value"]) for name in ("precision", "recall", "f1")),
    )


def _boundary(row: Document, boundary: str) -> tuple[str, ...]:
    """Return one line of the table of boundaries."""
    found = row["onset"][boundary]
    what = f"{_place(row)}, {'onset' if boundary == 'onset_error' else 'end'}"
    if found["median_s"] is None:
        return what, "0", NO_VALUE, NO_VALUE, NO_VALUE
    return (
        what,
        str(found["n"]),
        _signed(found["median_s"]),
        f"{_signed(found['q25_s'])} to {_signed(found['q75_s'])}",
        f"{_signed(found['low95_s'])} to {_signed(found['high95_s'])}",
    )


def _place(row: Document) -> str:
    """Return the site of a row in words."""
    if row["site"] is None:
        return "any site" if row["kind"] == "lm" else "all"
    return row["site"].replace("_", " ") or "not stated"


def _stages(stages: Document) -> Iterable[str]:
    """Return agreement and kappa, what was left out, and the table of stages."""
    agreement = stages["agreement"]["value"]
    shown = f"{100 * agreement:.1f} %" if agreement is not None else NO_VALUE
    yield (
        f"  Agreement {shown}, Cohen's kappa {_two_decimals(stages['kappa']['value'])}, over "
        f"{_count(stages['compared_n'])} epochs of {stages['epoch_s']:g} s"
    )
    yield (
        f"  Left out: {_count(stages['only_reference_n'])} scored by the reference only, "
        f"{_count(stages['only_candidate_n'])} by the candidate only, "
        f"{_count(stages['neither_n'])} by neither"
    )
    yield ""
    names = stages["confusion"]["stages"]
    head = ("reference \\ candidate", *names, "all", "kappa")
    rows = [
        (
            one["stage"],
            *(_count(n) for n in counts),
            _count(one["reference_n"]),
            _two_decimals(one["kappa"]["value"]),
        )
        for one, counts in zip(stages["by_stage"], stages["confusion"]["epochs_n"], strict=True)
    ]
    totals = ("all", *(_count(one["candidate_n"]) for one in stages["by_stage"]))
    yield from _table(head, [*rows, (*totals, _count(stages["compared_n"]), "")])


def _remarks(document: Document) -> Iterable[str]:
    """Return why scores are missing, what was not compared, and what was found in the files."""
    for reason in dict.fromkeys(_reasons({k: document[k] for k in ("events", "stages")})):
        yield f"  {NO_VALUE}  {reason}"
    for row in document["not_compared"]:
        kind = _KIND_WORDS[row["kind"]].lower()
        yield f"  not compared: {kind} ({visible(row['reason'])})"
    if document["stages_reason"]:
        yield f"  not compared: stages ({visible(document['stages_reason'])})"
    for found in document["findings"]:
        told = visible(f"{found['where']}: {found['message']} [{found['code']}]")
        yield f"  {found['severity']}: {told}"


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


def _two_decimals(value: float | None) -> str:
    return NO_VALUE if value is None else f"{value:.2f}"


def _signed(value: float) -> str:
    """Return seconds to the millisecond, with a sign unless they are none."""
    shown = f"{value:+.3f}"
    return shown[1:] if float(shown) == 0 else shown


def _count(value: float) -> str:
    """Return a count of epochs; parts of epochs to a tenth."""
    return f"{value:.0f}" if math.isclose(value, round(value), abs_tol=1e-6) else f"{value:.1f}"
