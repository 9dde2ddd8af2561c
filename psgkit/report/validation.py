"""Tables, figure and page of a validation against people (schema ``psgkit.validation/1``)."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.document.masking import masked
from psgkit.document.outside_text import csv_cell
from psgkit.document.values import tidy
from psgkit.report.figures.drawn_text import harmless
from psgkit.report.figures.frame import SMALL, as_svg, axes_or_new, bare
from psgkit.report.html.page import page_as_html
from psgkit.report.page_model import Figure, Notes, Page, Remarks, Section, Table
from psgkit.report.palette import LIGHT
from psgkit.report.words.language import Words, _, marked
from psgkit.report.words.number_format import NO_VALUE, digits, signed
from psgkit.report.words.words import disclaimer, site_in_words
from psgkit.report.write import encoded, write_contents

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Document = Mapping[str, Any]
_MOST_ROWS = 60
"""Rows of a table on the page; all are in the CSV files."""
_MOST_REMARKS = 200
_MOST_NAMES = 20
"""Nights or legs that are named in a drawing."""
_FLAT_LABELS = 10
_LONG_NAME = 13
_INDICES = Words(
    {
        "lm_index_recording": marked("Leg movements per hour recorded"),
        "plm_index_recording": marked("Periodic leg movements per hour recorded"),
        "plms_index": marked("Periodic leg movements per hour of sleep"),
    }
)
_WAYS = Words({"onset": marked("onset"), "overlap": marked("overlap")})
_WHO = Words({"psgkit": marked("psgkit and people"), "people": marked("people and people")})
_BOUNDARIES = Words({"onset": marked("onset"), "end": marked("end")})


def write_validation(document: Document, folder: str | Path) -> list[Path]:
    """Write the validation into ``folder``, ``summary.json`` last, and return the files.

    Raises
    ------
    SettingsError
        If the folder cannot be made or written to.
    """
    document = masked(document)
    summary = {key: value for key, value in document.items() if key not in ("pairs", "nights")}
    texts = {
        "pairs.csv": _as_csv(document["pairs"]),
        "nights.csv": _as_csv(document["nights"]),
        "f1.svg": as_svg(lambda axes: plot_f1(document, axes), 400.0, 170.0),
        "bland_altman.svg": as_svg(lambda axes: plot_bland_altman(document, axes), 400.0, 170.0),
        "validation.html": page_as_html(
            page_about_validation(document), validation_figure(document)
        ),
        "summary.json": json.dumps(_rounded(summary), indent=2, ensure_ascii=False) + "\n",
    }
    return write_contents(encoded(texts), Path(folder))


def drawn_index(document: Document) -> str:
    """Return the index that is drawn: that of sleep, where every night has stages.

    Examples
    --------
    >>> known, unknown = {"nights": [{}]}, {"nights": []}
    >>> drawn_index({"indices": {"plm_index_recording": known, "plms_index": unknown}})
    'plm_index_recording'
    """
    nights = {name: len(found["nights"]) for name, found in document["indices"].items()}
    return max(("plms_index", "plm_index_recording"), key=lambda name: nights[name])


def plot_f1(document: Document, axes: "Axes | None" = None) -> "Axes":
    """Draw the mean F1 by onset of psgkit and of each person with the others, leg by leg.

    Examples
    --------
    >>> plot_f1({"standing": []}).get_ylabel()
    'mean F1 by onset'
    """
    axes = axes_or_new(axes, (4.5, 2.6))
    rows = [row for row in document["standing"] if row["way"] == "onset"]
    rows = [row for row in rows if row["psgkit"] is not None or row["people_n"]]
    if named := len(rows) <= _MOST_NAMES:
        labels = [
            f"{harmless(_end_of(row['night']), 14)}\n{place_in_words(row['site'])}" for row in rows
        ]
        axes.set_xticks(range(len(rows)), labels, rotation=0 if len(rows) <= _FLAT_LABELS else 90)
    else:
        rows.sort(key=lambda row: -1.0 if row["psgkit"] is None else row["psgkit"])
        axes.set_xticks([])
        axes.set_xlabel(_("Legs in the order of psgkit's F1 (n = {n})", n=len(rows)))
    people = [
        (at, one)
        for at, row in enumerate(rows)
        for one in row["people"].values()
        if one is not None
    ]
    of_psgkit = [(at, row["psgkit"]) for at, row in enumerate(rows) if row["psgkit"] is not None]
    size = 4 if named else 2
    for points, words, colour, marker in (
        (people, _("a person and the others"), LIGHT["line"], "o"),
        (of_psgkit, _("psgkit and the people"), LIGHT["plm"], "D"),
    ):
        if points:
            across, up = zip(*points, strict=True)
            axes.plot(across, up, marker, color=colour, markersize=size, label=words)
    axes.set_ylim(0.0, 1.02)
    axes.set_ylabel(_("mean F1 by onset"))
    bare(axes)
    if rows:
        axes.legend(
            frameon=False, fontsize=SMALL, ncols=2, loc="lower left", bbox_to_anchor=(0.0, 1.0)
        )
    return axes


def plot_bland_altman(document: Document, axes: "Axes | None" = None) -> "Axes":
    """Draw the difference of psgkit and the median of the people over their mean, night by night.

    The bar of a night reaches from the lowest to the highest person, less the median.

    Examples
    --------
    >>> nothing = {"n": 0, "bias": None, "low": None, "high": None}
    >>> empty = {"nights": [], "bland_altman": nothing}
    >>> both = {"plm_index_recording": empty, "plms_index": empty}
    >>> plot_bland_altman({"indices": both}).get_ylabel()
    'psgkit less median of people, per hour'
    """
    axes = axes_or_new(axes, (4.5, 3.0))
    name = drawn_index(document)
    found = document["indices"][name]
    named = len(found["nights"]) <= _MOST_NAMES
    for one in found["nights"]:
        across = 0.5 * (one["psgkit"] + one["people_median"])
        ends = [one[f"people_{end}"] - one["people_median"] for end in ("lowest", "highest")]
        axes.plot([across, across], ends, color=LIGHT["line"], linewidth=3.0)
        apart = one["psgkit"] - one["people_median"]
        axes.plot(across, apart, "D", color=LIGHT["plm"], markersize=4 if named else 2)
        if named:
            axes.annotate(
                harmless(_end_of(one["night"]), 30),
                (across, apart),
                (5, 3),
                textcoords="offset points",
                fontsize=SMALL,
            )
    axes.axhline(0.0, color=LIGHT["line"], linewidth=0.8)
    limits = found["bland_altman"]
    for end, style in (("bias", "-"), ("low", "--"), ("high", "--")):
        if limits[end] is not None:
            axes.axhline(limits[end], color=LIGHT["ink"], linewidth=0.8, linestyle=style)
    axes.set_xlabel(_("Mean of psgkit and median of people: {index}", index=_INDICES[name]))
    axes.set_ylabel(_("psgkit less median of people, per hour"))
    bare(axes)
    return axes


def validation_figure(document: Document) -> Figure:
    """Return the figure for the page: F1 above, limits of agreement below."""

    def draw(axes: "Axes") -> None:
        figure = axes.figure
        axes.remove()
        plot_f1(document, figure.add_axes((0.0, 0.57, 1.0, 0.43)))
        plot_bland_altman(document, figure.add_axes((0.0, 0.0, 1.0, 0.43)))

    title = _("F1 by onset, and limits of agreement of the index")
    return Figure(svg=as_svg(draw, 420.0, 430.0), title=title)


def _end_of(name: str) -> str:
    """Return a name, or the end of a long one: nights of a data set begin alike.

    Examples
    --------
    >>> _end_of("S0001/sub-S0003_ses-1")
    '\u2026-S0003_ses-1'
    """
    return name if len(name) <= _LONG_NAME else f"\u2026{name[1 - _LONG_NAME :]}"


def place_in_words(site: str) -> str:
    """Return a leg, or both together, as words."""
    return _("both legs together") if site == "legs" else site_in_words(site)


def page_about_validation(document: Document) -> Page:
    """Return the page."""
    onset = document["f1"]["onset"]
    return Page(
        title=_("psgkit and people who scored the same nights"),
        subtitle=document["dataset"]["about"],
        banners=(),
        headline=(
            (_("Nights"), str(document["nights_n"])),
            (_("People"), str(document["people_n"])),
            (_("F1 by onset, psgkit and people"), _number(onset["psgkit"]["median"])),
            (_("F1 by onset, people and people"), _number(onset["people"]["median"])),
        ),
        sections=(
            _f1(document),
            _index_section(document),
            _boundaries(document),
            _layout(document),
            _files(document),
        ),
        disclaimer=disclaimer(__version__),
    )


def _f1(document: Document) -> Section:
    rows = tuple(
        (
            row["night"],
            place_in_words(row["site"]),
            _WAYS[row["way"]],
            _number(row["psgkit"]),
            _number(row["people_lowest"]),
            _number(row["people_median"]),
            _number(row["people_highest"]),
            str(row["people_n"]),
        )
        for row in document["standing"][:_MOST_ROWS]
    )
    head = (
        _("Night"),
        _("Site"),
        _("Matched by"),
        _("psgkit"),
        _("lowest person"),
        _("median person"),
        _("highest person"),
        _("People"),
    )
    foot = _(
        "Mean F1 of psgkit with each person, and of each person with each other person. "
        "Onsets match up to {seconds} s apart.",
        seconds=digits(document["settings"]["onset_tolerance_s"], 1),
    )
    reached = tuple(
        _(
            "By {way}, psgkit is at or above the lowest person in {n} of {m} legs.",
            way=_WAYS[way],
            n=found["at_least_lowest_n"],
            m=found["legs_n"],
        )
        for way, found in document["f1"].items()
        if found["legs_n"]
    )
    reached = reached or (
        _("No leg was scored by two people: nothing here says how far people agree."),
    )
    if left := len(document["standing"]) - len(rows):
        reached += (_("More rows are in summary.json: {n}.", n=left),)
    table = Table(head=head, rows=rows, n_text=3, foot=foot)
    return Section(key="f1", title=_("Movements found"), parts=(Notes(lines=reached), table))


def _index_section(document: Document) -> Section:
    limits, icc = [], []
    for name, found in document["indices"].items():
        of = found["bland_altman"]
        limits.append(
            (
                _INDICES[name],
                str(of["n"]),
                _number(of["bias"], plus=True),
                _interval(of["low"], of["high"]),
                _("{n} of {m}", n=found["within_range_n"], m=found["judged_n"]),
            )
        )
        icc.append((_INDICES[name], _icc(found["icc_psgkit_median"]), _icc(found["icc_people"])))
    among = tuple(
        _(
            "{index}: people less the median of the others have a bias from {low} to {high}, and "
            "limits {width} apart in the median; those of psgkit are {of_psgkit} apart.",
            index=_INDICES[name],
            low=_number(people["bias_lowest"], plus=True),
            high=_number(people["bias_highest"], plus=True),
            width=_number(people["width_median"]),
            of_psgkit=_number(found["bland_altman"]["high"] - found["bland_altman"]["low"]),
        )
        for name, found in document["indices"].items()
        if (people := found["bland_altman_people"])["width_median"] is not None
        and found["bland_altman"]["bias"] is not None
    )
    parts = (
        Table(
            title=_("Bland-Altman: psgkit less the median of the people"),
            head=(
                _("Index"),
                _("Nights"),
                _("bias"),
                _("limits of agreement"),
                _("within the range of people"),
            ),
            rows=tuple(limits),
            foot=_(
                "Of both legs, or of the one leg that people marked. Every scoring is taken "
                "through the same steps with the same stages. Bars of the figure: from the lowest "
                "to the highest person."
            ),
        ),
        Notes(lines=among),
        Table(
            title=_("Intraclass correlation"),
            head=(_("Index"), _("psgkit and median"), _("people")),
            rows=tuple(icc),
            n_text=1,
            foot=_("One-way, single ratings, with 95 % interval."),
        ),
    )
    return Section(key="indices", title=_("Indices"), parts=parts)


def _boundaries(document: Document) -> Section:
    rows = tuple(
        (
            _WHO[who],
            _BOUNDARIES[boundary],
            str(found["error_s"]["n"]),
            _number(found["error_s"]["median"], plus=True),
            _interval(found["error_s"]["q25"], found["error_s"]["q75"]),
            _number(found["size_s"]["median"]),
        )
        for who, both in document["boundaries"].items()
        for boundary, found in both.items()
    )
    head = (
        _("Compared"),
        _("Boundary"),
        _("pairs"),
        _("median, s"),
        _("middle half, s"),
        _("median size, s"),
    )
    foot = _(
        "Of movements matched by overlap. The sign of differences between people has no meaning."
    )
    table = Table(head=head, rows=rows, n_text=2, foot=foot)
    return Section(key="boundaries", title=_("Begin and end of movements"), parts=(table,))


def _layout(document: Document) -> Section:
    """Return what is known of the layout of the files, and what was taken to be so."""
    about = document["dataset"]
    parts = tuple(
        Notes(title=title, lines=tuple(about[key]))
        for key, title in (
            ("known", _("What is published of the files")),
            ("assumed", _("What is assumed")),
            ("sources", _("Where the published part stands")),
        )
        if about[key]
    )
    note = "" if parts else _("A layout of psgkit's own.")
    return Section(
        key="layout", title=_("Layout of the data set"), note=note, parts=parts, folded=True
    )


def _files(document: Document) -> Section:
    findings = document["findings"]
    rows = tuple(
        (one["severity"], one["where"], one["message"], one["code"])
        for one in findings[:_MOST_REMARKS]
    )
    stages = dict.fromkeys((row["night"], row["stages"]) for row in document["nights"])
    lines = [_("{night}, stages: {whose}", night=n, whose=whose) for n, whose in stages]
    left = len(findings) - len(rows)
    if len(lines) > _MOST_REMARKS:
        lines = [*lines[:_MOST_REMARKS], _("The others are in nights.csv.")]
    if left:
        lines.append(_("More remarks are in summary.json: {n}.", n=left))
    parts = (Notes(lines=tuple(lines)), Remarks(rows=rows))
    return Section(key="files", title=_("Files"), parts=parts, folded=True)


def _number(value: float | None, *, plus: bool = False) -> str:
    if value is None:
        return NO_VALUE
    return signed(value, 2) if plus else digits(value, 2)


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return NO_VALUE
    return _("{low} to {high}", low=signed(low, 2), high=signed(high, 2))


def _icc(found: Document) -> str:
    """Return a correlation with its interval, or why there is none."""
    if found["icc"] is None:
        return str(found["reason"])
    interval = _interval(found["low"], found["high"])
    return f"{digits(found['icc'], 2)} ({interval})"


def _as_csv(rows: Sequence[Document]) -> str:
    """Return rows as CSV; nothing where there is no value."""
    text = io.StringIO()
    if rows:
        table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:  # noqa: ANN401 - a value of a row
    if isinstance(value, str):
        return csv_cell(value)
    return tidy(value) if isinstance(value, float) else value


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any value of the schema
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return tidy(value) if isinstance(value, float) else value
