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
DRAWN = "plm_index_recording"
"""Index of the figure: it needs no stages."""
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
    figure = validation_figure(document)
    summary = {key: value for key, value in document.items() if key not in ("pairs", "nights")}
    texts = {
        "pairs.csv": _as_csv(document["pairs"]),
        "nights.csv": _as_csv(document["nights"]),
        "bland_altman.svg": figure.svg,
        "validation.html": page_as_html(page_about_validation(document), figure),
        "summary.json": json.dumps(_rounded(summary), indent=2, ensure_ascii=False) + "\n",
    }
    return write_contents(encoded(texts), Path(folder))


def plot_bland_altman(document: Document, axes: "Axes | None" = None) -> "Axes":
    """Draw the difference of psgkit and the median of the people over their mean, night by night.

    Examples
    --------
    >>> nothing = {"n": 0, "bias": None, "low": None, "high": None}
    >>> empty = {"plm_index_recording": {"nights": [], "bland_altman": nothing}}
    >>> plot_bland_altman({"indices": empty}).get_ylabel()
    'psgkit less median of people, per hour'
    """
    axes = axes_or_new(axes, (4.5, 3.0))
    found = document["indices"][DRAWN]
    for one in found["nights"]:
        across = 0.5 * (one["psgkit"] + one["people_median"])
        apart = one["psgkit"] - one["people_median"]
        axes.plot(across, apart, "o", color=LIGHT["plm"], markersize=4)
        axes.annotate(
            harmless(one["night"], 30),
            (across, apart),
            (4, 4),
            textcoords="offset points",
            fontsize=SMALL,
        )
    axes.axhline(0.0, color=LIGHT["line"], linewidth=0.8)
    limits = found["bland_altman"]
    for name, style in (("bias", "-"), ("low", "--"), ("high", "--")):
        if limits[name] is not None:
            axes.axhline(limits[name], color=LIGHT["ink"], linewidth=0.8, linestyle=style)
    axes.set_xlabel(_("Mean of psgkit and median of people, periodic movements per hour"))
    axes.set_ylabel(_("psgkit less median of people, per hour"))
    bare(axes)
    return axes


def validation_figure(document: Document) -> Figure:
    """Return the figure for the page."""
    svg = as_svg(lambda axes: plot_bland_altman(document, axes), 400.0, 190.0)
    return Figure(svg=svg, title=_("Bland-Altman: periodic leg movements per hour recorded"))


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
        sections=(_f1(document), _index_section(document), _boundaries(document), _files(document)),
        disclaimer=disclaimer(__version__),
    )


def _f1(document: Document) -> Section:
    rows = tuple(
        (
            row["night"],
            site_in_words(row["site"]),
            _WAYS[row["way"]],
            _number(row["psgkit"]),
            _number(row["people_lowest"]),
            _number(row["people_median"]),
            _number(row["people_highest"]),
            str(row["people_n"]),
        )
        for row in document["standing"]
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
    )
    table = Table(head=head, rows=rows, n_text=3, foot=foot)
    return Section(key="f1", title=_("Movements found"), parts=(Notes(lines=reached), table))


def _index_section(document: Document) -> Section:
    rows = []
    for name, found in document["indices"].items():
        limits = found["bland_altman"]
        rows.append(
            (
                _INDICES[name],
                str(limits["n"]),
                _number(limits["bias"], plus=True),
                _interval(limits["low"], limits["high"]),
                _icc(found["icc_psgkit_median"]),
                _icc(found["icc_people"]),
                _("{n} of {m}", n=found["within_range_n"], m=found["judged_n"]),
            )
        )
    head = (
        _("Index of both legs"),
        _("Nights"),
        _("bias"),
        _("limits of agreement"),
        _("ICC, psgkit and median"),
        _("ICC, people"),
        _("within the range of people"),
    )
    foot = _(
        "Every scoring is taken through the same steps with the same stages. ICC: one-way, single "
        "ratings, with 95 % interval."
    )
    table = Table(head=head, rows=tuple(rows), foot=foot)
    return Section(key="indices", title=_("Indices"), parts=(table,))


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


def _files(document: Document) -> Section:
    rows = tuple(
        (one["severity"], one["where"], one["message"], one["code"]) for one in document["findings"]
    )
    stages = dict.fromkeys((row["night"], row["stages"]) for row in document["nights"])
    lines = tuple(_("{night}: stages {whose}", night=n, whose=whose) for n, whose in stages)
    return Section(
        key="files", title=_("Files"), parts=(Notes(lines=lines), Remarks(rows=rows)), folded=True
    )


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
