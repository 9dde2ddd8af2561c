"""Agreement of two or more scorings as a page and as tables, for ``psgkit compare --out``.

The page says what the terminal says, with a figure of the differences; the tables have every number
of the document (schema ``psgkit.agreement/1``).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.document.outside_text import bare_name
from psgkit.report.agreement import (
    BOUNDARY_NAMES,
    KIND_NAMES,
    agreement_as_json,
    boundary_cells,
    count_in_words,
    place_in_words,
    remark_lines,
    score_cells,
    two_decimals,
)
from psgkit.report.csv_tables import as_csv
from psgkit.report.figures.drawn_text import harmless
from psgkit.report.figures.frame import SMALL, as_svg, axes_or_new, bare, say_nothing_there
from psgkit.report.html.page import page_as_html
from psgkit.report.page_model import Facts, Figure, Notes, Page, Section, Table
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import _
from psgkit.report.words.number_format import digits, short_number, with_unit
from psgkit.report.words.words import capitalised, disclaimer, listed
from psgkit.report.write import write_texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Document = Mapping[str, Any]
_ROW_PT, _AROUND_PT, _WIDTH_PT = 26.0, 34.0, 460.0


def write_agreement(documents: Sequence[Document], folder: str | Path) -> list[Path]:
    """Write page, tables and JSON of comparisons with one reference, and return the files.

    Parameters
    ----------
    documents : sequence of mapping
        Of ``compare_scorings``, all with the same reference, one for each other scoring.
    folder : path

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    names = _json_names(documents)
    called = _with_distinct_names(documents)
    texts = {
        "events.csv": _csv([*_event_rows(called)]),
        "boundaries.csv": _csv([*_boundary_rows(called)]),
        "stages.csv": _csv([*_stage_rows(called)]),
        "epochs.csv": _csv([*_confusion_rows(called)]),
        "compare.html": page_as_html(page_about_agreement(called), agreement_figure(called)),
        **{name: agreement_as_json(one) for name, one in zip(names, documents, strict=True)},
    }
    return write_texts({name: text for name, text in texts.items() if text}, Path(folder))


def _with_distinct_names(documents: Sequence[Document]) -> list[Document]:
    """Return the documents with a number behind the name of candidates of the same name."""
    names = [_name(document, "candidate") for document in documents]
    return [
        {**document, "candidate": {**document["candidate"], "file": f"{name} ({number})"}}
        if names.count(name) > 1
        else document
        for number, (name, document) in enumerate(zip(names, documents, strict=True), start=1)
    ]


def _json_names(documents: Sequence[Document]) -> list[str]:
    if len(documents) == 1:
        return ["compare.json"]
    return [f"compare-{number}.json" for number in range(1, len(documents) + 1)]


def page_about_agreement(documents: Sequence[Document]) -> Page:
    """Return the page about comparisons with one reference."""
    reference = _name(documents[0], "reference")
    several = len(documents) > 1
    sections: list[Section] = []
    for number, document in enumerate(documents, start=1):
        before = f"{_name(document, 'candidate')}: " if several else ""
        sections += [
            Section(
                key=f"{number} {one.key}",
                title=f"{before}{one.title}",
                note=one.note,
                parts=one.parts,
                folded=several and number > 1,
            )
            for one in _sections(document)
        ]
    return Page(
        title=_("Agreement of scorings"),
        subtitle=_(
            "{candidates} compared with {reference}",
            candidates=listed([_name(one, "candidate") for one in documents]),
            reference=reference,
        ),
        banners=(),
        headline=tuple(pair for one in documents for pair in _headline(one, several=several)),
        sections=tuple(sections),
        disclaimer=disclaimer(__version__),
    )


def _sections(document: Document) -> Iterator[Section]:
    """Yield what is compared, events by kind, stages, and remarks."""
    yield Section(key="compared", title=_("What is compared"), parts=(_compared(document),))
    for kind in dict.fromkeys(row["kind"] for row in document["events"]):
        rows = [row for row in document["events"] if row["kind"] == kind]
        parts = _event_parts(rows, document["settings"]["onset_tolerance_s"])
        yield Section(key=kind, title=capitalised(KIND_NAMES[kind]), parts=parts)
    if document["stages"] is not None:
        yield Section(key="stages", title=_("Stages"), parts=_stage_parts(document["stages"]))
    remarks = tuple(line.strip() for line in remark_lines(document))
    if remarks:
        yield Section(key="remarks", title=_("Remarks"), parts=(Notes(lines=remarks),))


def _compared(document: Document) -> Table:
    rows = []
    for side, word in (("reference", _("reference")), ("candidate", _("candidate"))):
        about = document[side]
        counts = [f"{digits(n, 0)} {KIND_NAMES[kind]}" for kind, n in about["events_n"].items()]
        epochs = count_in_words(about["scored_epochs_n"])
        start = (about["start"] or "").replace("T", " ")
        rows.append((word, _name(document, side), listed(counts), epochs, start))
    head = ("", _("File"), _("Events"), _("Scored epochs"), _("Start"))
    return Table(head=head, rows=tuple(rows), n_text=len(head))


def _event_parts(rows: Sequence[Document], tolerance_s: float) -> tuple[Table, ...]:
    tolerance = with_unit(short_number(tolerance_s), "s")
    ways = (
        ("onset", _("Matched by onset, at most {tolerance} apart", tolerance=tolerance)),
        ("overlap", _("Matched by overlap, however short")),
    )
    counts = (_("reference"), _("candidate"), _("difference"), _("matched"))
    head = ("", *counts, _("precision"), _("recall"), _("F1"))
    most = _("middle {percent}", percent=with_unit("95", "%"))
    return (
        *(
            Table(title=title, head=head, rows=tuple(score_cells(row, way) for row in rows))
            for way, title in ways
        ),
        Table(
            title=_("Candidate less reference in seconds, of the pairs matched by onset"),
            head=("", _("pairs"), _("median"), _("middle half"), most),
            rows=tuple(boundary_cells(row, one) for row in rows for one in BOUNDARY_NAMES),
        ),
    )


def _stage_parts(stages: Document) -> tuple[Facts | Table, ...]:
    """Return agreement and kappa, what was left out, and the table of epochs."""
    agreement = stages["agreement"]["value"]
    shown = two_decimals(None) if agreement is None else with_unit(digits(100 * agreement, 1), "%")
    facts = (
        (_("Agreement"), shown),
        (_("Cohen's kappa"), two_decimals(stages["kappa"]["value"])),
        (_("Epochs compared"), count_in_words(stages["compared_n"])),
        (_("Length of an epoch"), with_unit(short_number(stages["epoch_s"]), "s")),
        (_("Scored by the reference only"), count_in_words(stages["only_reference_n"])),
        (_("Scored by the candidate only"), count_in_words(stages["only_candidate_n"])),
        (_("Scored by neither"), count_in_words(stages["neither_n"])),
    )
    names = [str(name) for name in stages["confusion"]["stages"]]
    rows = tuple(
        (
            str(one["stage"]),
            *map(count_in_words, counts),
            count_in_words(one["reference_n"]),
            two_decimals(one["kappa"]["value"]),
        )
        for one, counts in zip(stages["by_stage"], stages["confusion"]["epochs_n"], strict=True)
    )
    head = (_("reference \\ candidate"), *names, _("all"), _("kappa"))
    return Facts(rows=facts), Table(title=_("Epochs"), head=head, rows=rows)


def _headline(document: Document, *, several: bool) -> Iterator[tuple[str, str]]:
    """Yield F1 of all sites of each kind of event, and kappa of the stages."""
    before = f"{_name(document, 'candidate')}: " if several else ""
    for row in document["events"]:
        if row["site"] is None:
            label = _("F1 by onset, {what}", what=KIND_NAMES[row["kind"]])
            yield before + label, two_decimals(row["onset"]["f1"]["value"])
    if document["stages"] is not None:
        yield before + _("kappa of the stages"), two_decimals(document["stages"]["kappa"]["value"])


def _name(document: Document, side: str) -> str:
    return bare_name(document[side]["file"])


def agreement_figure(documents: Sequence[Document]) -> Figure:
    """Return the differences of onsets and ends as a figure."""
    n = max(1, len([*_drawn(documents)]))
    height = n * _ROW_PT
    svg = as_svg(lambda axes: plot_differences(documents, axes), _WIDTH_PT, height)
    return Figure(svg=svg, title=_("Candidate less reference, seconds, of pairs matched by onset"))


def plot_differences(documents: Sequence[Document], axes: "Axes | None" = None) -> "Axes":
    """Draw median, middle half and middle 95 % of the differences of onsets and ends.

    Parameters
    ----------
    documents : sequence of mapping
        Of ``compare_scorings``.
    axes : matplotlib Axes, optional
        Without it one is made on a new figure.
    """
    rows = [*_drawn(documents)]
    size_in = (_WIDTH_PT / 72, (len(rows) * _ROW_PT + _AROUND_PT) / 72)
    axes = axes_or_new(axes, size_in)
    if not rows:
        say_nothing_there(axes, _("No pair of events."))
        return axes
    for y, (_label, boundary, found) in enumerate(rows):
        colour = LIGHT["plm" if boundary == "end_error" else "candidate"]
        axes.hlines(y, found["low95_s"], found["high95_s"], colors=LIGHT["faint"], linewidths=1.2)
        axes.hlines(y, found["q25_s"], found["q75_s"], colors=colour, linewidths=7.0)
        axes.plot([found["median_s"]], [y], "|", color=LIGHT["ink"], markersize=13)
    axes.axvline(0.0, color=LIGHT["faint"], linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    axes.set_yticks(range(len(rows)), [harmless(label, 60) for label, _b, _f in rows])
    axes.tick_params(axis="both", labelsize=SMALL, length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    bare(axes)
    return axes


def _drawn(documents: Sequence[Document]) -> Iterator[tuple[str, str, Document]]:
    """Yield label, boundary and differences of each row of the figure."""
    several = len(documents) > 1
    for document in documents:
        before = f"{_name(document, 'candidate')}: " if several else ""
        for row in document["events"]:
            what = place_in_words(row) if row["kind"] == "lm" else KIND_NAMES[row["kind"]]
            for boundary in BOUNDARY_NAMES:
                found = row["onset"][boundary]
                if found["median_s"] is not None:
                    label = _(BOUNDARY_NAMES[boundary], place=what)
                    yield f"{before}{label} ({found['n']})", boundary, found


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV; nothing without rows."""
    return as_csv(list(rows[0]), rows) if rows else ""


def _event_rows(documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    for document in documents:
        for row in document["events"]:
            for way in ("onset", "overlap"):
                found = row[way]
                yield {
                    **_sides(document),
                    "kind": row["kind"],
                    "site": row["site"],
                    "matched_by": way,
                    "reference_n": row["reference_n"],
                    "candidate_n": row["candidate_n"],
                    "difference_n": row["count_difference_n"],
                    "matched_n": found["matched_n"],
                    **{name: found[name]["value"] for name in ("precision", "recall", "f1")},
                }


def _boundary_rows(documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    for document in documents:
        for row in document["events"]:
            for boundary in BOUNDARY_NAMES:
                place = {"kind": row["kind"], "site": row["site"], "boundary": boundary}
                yield {**_sides(document), **place, **row["onset"][boundary]}


def _stage_rows(documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    """Yield agreement and kappa over all stages (stage empty), and kappa of each."""
    for document in documents:
        stages = document["stages"]
        if stages is None:
            continue
        yield {
            **_sides(document),
            "stage": None,
            "reference_n": stages["compared_n"],
            "candidate_n": stages["compared_n"],
            "agreement": stages["agreement"]["value"],
            "kappa": stages["kappa"]["value"],
        }
        for one in stages["by_stage"]:
            yield {
                **_sides(document),
                "stage": one["stage"],
                "reference_n": one["reference_n"],
                "candidate_n": one["candidate_n"],
                "agreement": None,
                "kappa": one["kappa"]["value"],
            }


def _confusion_rows(documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    for document in documents:
        if document["stages"] is None:
            continue
        confusion = document["stages"]["confusion"]
        for stage, counts in zip(confusion["stages"], confusion["epochs_n"], strict=True):
            for other, n in zip(confusion["stages"], counts, strict=True):
                sides = _sides(document)
                yield {**sides, "reference_stage": stage, "candidate_stage": other, "epochs_n": n}


def _sides(document: Document) -> dict[str, str]:
    return {side: _name(document, side) for side in ("reference", "candidate")}
