"""Formats of exported night reports, by their names on the command line."""

from collections.abc import Mapping, Sequence

from psgkit.core.night_report import NightReport
from psgkit.core.trace import NightTrace
from psgkit.document.outside_text import encodable
from psgkit.errors import SettingsError
from psgkit.report.exchange.annotations import luna_annot, mne_files, yasa_files
from psgkit.report.exchange.bids import bids_files
from psgkit.report.exchange.edf import annotations_alone
from psgkit.report.exchange.names import Entities, stems
from psgkit.report.exchange.tables import tables_of
from psgkit.report.exchange.wide import wide_files

FORMS = ("bids", "edf", "luna", "csv", "mne", "yasa", "wide", "html")
_FILES = Mapping[str, str | bytes]


def exported(
    reports: Sequence[NightReport],
    form: str,
    entities: Entities | None = None,
    traces: Sequence[NightTrace | None] = (),
) -> dict[str, bytes]:
    r"""Return the files of ``reports`` in one form, by their path in the folder they go to.

    Parameters
    ----------
    reports : sequence of NightReport
    form : str
        One of ``FORMS``.
    entities : Entities, optional
        For the file names in a BIDS data set.
    traces : sequence of NightTrace or None, optional
        One for each report; pages show the signals around movements from it.

    Raises
    ------
    SettingsError
        If the form does not exist.
    InputFileError
        If the form cannot hold a night.

    Examples
    --------
    >>> from psgkit import Events, score_night
    >>> night = score_night(Events.of([5.0], [7.0], ["lm"], ["left_leg"]))
    >>> exported([night], "luna")["events.annot"].decode().splitlines()[1][:27]
    'LM\t.\tleft leg\t5\t7\tsite=left'
    """
    if form not in FORMS:
        raise SettingsError("--to", repr(form), f"one of {', '.join(FORMS)}")
    files: dict[str, str | bytes] = {}
    if form == "bids":
        files.update(bids_files(reports, entities or Entities()))
    elif form == "wide":
        files.update(wide_files(reports))
    elif form == "html":
        # the template loads jinja2
        from psgkit.report.html.page import night_as_html

        known = zip(stems(reports), reports, traces or [None] * len(reports), strict=True)
        files = {f"{stem}.html": night_as_html(report, trace) for stem, report, trace in known}
    else:
        for stem, report in zip(stems(reports), reports, strict=True):
            files.update(_one(report, form, stem))
    return {name: _bytes(content) for name, content in files.items()}


def _one(report: NightReport, form: str, stem: str) -> _FILES:
    if form == "edf":
        return {f"{stem}_annotations.edf": annotations_alone(report)}
    if form == "csv":
        return {f"{stem}/{name}": content for name, content in tables_of(report).items()}
    if form == "luna":
        return {f"{stem}.annot": luna_annot(report)}
    return mne_files(report, stem) if form == "mne" else yasa_files(report, stem)


def _bytes(content: str | bytes) -> bytes:
    return encodable(content).encode("utf-8") if isinstance(content, str) else content
