"""Several nights in one call of ``psgkit report``: folders searched, a line a night."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from psgkit.errors import InputFileError, SettingsError
from psgkit.io.files import is_folder, real_path

if TYPE_CHECKING:
    from psgkit.core.night_report import NightReport

MOST_NIGHTS = 50
"""Of a folder: more are a batch, which can be stopped and goes on; psgkit's own choice."""
_COLUMNS = (
    ("sleep", "tst_min"),
    ("sleep", "se_pct"),
    ("legs", "plms_index"),
    ("legs", "plmw_index"),
    ("arms", "plms_index"),
    ("trunk", "plms_index"),
    ("disruption", "arousal_index"),
)
_ALWAYS = ("sleep", "legs", "disruption")


def recordings_in(paths: Sequence[Path]) -> list[Path]:
    """Return the recordings named, and those in the folders named.

    Raises
    ------
    InputFileError
        If a folder holds no recording.
    SettingsError
        If a folder holds more than ``MOST_NIGHTS``.
    """
    found: list[Path] = []
    for path in paths:
        inside = _inside(path) if is_folder(path) else [path]
        if not inside:
            wanted = "EDF or BDF recordings in this folder"
            raise InputFileError(path.name, "no recording", wanted)
        if len(inside) > MOST_NIGHTS:
            raise SettingsError(
                path.name,
                f"a folder with {len(inside)} recordings",
                f"at most {MOST_NIGHTS}",
                f"Type: psgkit batch {path.name} --out DIR",
            )
        found += inside
    return found


def _inside(folder: Path) -> list[Path]:
    # what plans a cohort takes as long to import as all of the command line
    from psgkit.cohort.plan.sources import recordings_of_nights

    return recordings_of_nights(folder)


def folders_of(recordings: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return a folder below ``out`` for each recording: its name, with its folder's if needed.

    Raises
    ------
    SettingsError
        If two recordings would still share one.
    """
    stems = [path.stem for path in recordings]
    folders = {}
    for path in recordings:
        alone = stems.count(path.stem) == 1
        folders[path] = out / (path.stem if alone else f"{real_path(path).parent.name}-{path.stem}")
    if len(set(folders.values())) < len(recordings):
        twice = next(stem for stem in stems if stems.count(stem) > 1)
        raise SettingsError(
            "--out",
            f"{stems.count(twice)} recordings called {twice!r}",
            "recordings of different names, each of which gets a folder",
            "Report them one by one.",
        )
    return folders


def nights_as_text(nights: "Iterable[tuple[Path, NightReport]]", width: int) -> str:
    """Return a table of nights, a line each, with what else must be known below it."""
    import io

    from rich.console import Console
    from rich.table import Table

    from psgkit.report.words.language import _
    from psgkit.report.words.number_format import unit_in_words
    from psgkit.report.words.words import group_title, index_label, research_only

    shown = list(nights)
    names = _names([path for path, _report in shown])
    columns = [one for one in _COLUMNS if one[0] in _ALWAYS or _is_known(shown, one)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column(_("Night"), overflow="fold")
    for group, name in columns:
        label = index_label(name, group)
        if group not in _ALWAYS:
            label = f"{group_title(group)}: {label}"
        unit = next((r.indices[group][name].unit for _p, r in shown if group in r.indices), "")
        worded = unit_in_words(unit)
        table.add_column(f"{label} ({worded})" if worded else label, justify="right")
    table.add_column(_("Cautions"), justify="right")
    for path, report in shown:
        cells = [_cell(report, *one) for one in columns]
        table.add_row(names[path], *cells, str(len(report.cautions)))
    lines = io.StringIO()
    console = Console(file=lines, width=width, markup=False, emoji=False, highlight=False)
    console.print(table)
    for caution in _cautions(shown, names):
        console.print(caution)
    console.print(research_only())
    return "".join(f"{line.rstrip()}\n" for line in lines.getvalue().splitlines())


def _is_known(shown: "Sequence[tuple[Path, NightReport]]", column: tuple[str, str]) -> bool:
    group, name = column
    found = [report.indices.get(group, {}).get(name) for _path, report in shown]
    return any(one is not None and one.value is not None for one in found)


def _cell(report: "NightReport", group: str, name: str) -> str:
    from psgkit.report.night.cautions import caution_mark
    from psgkit.report.words.number_format import NO_VALUE, number

    index = report.indices.get(group, {}).get(name)
    if index is None or index.value is None:
        return NO_VALUE
    return f"{number(index.value, index.unit, name)}{caution_mark(report, group, name)}"


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each file, with its folder's where names occur twice."""
    from psgkit.document.outside_text import visible

    names = [path.name for path in paths]
    return {
        path: visible(
            path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}"
        )
        for path in paths
    }


def _cautions(shown: "Sequence[tuple[Path, NightReport]]", names: dict[Path, str]) -> Iterator[str]:
    """Yield each caution once, with the nights it is about."""
    from psgkit.report.night.cautions import cautions_of

    about: dict[str, list[str]] = {}
    for path, report in shown:
        for caution in cautions_of(report):
            about.setdefault(caution.message, []).append(names[path])
    for message, nights in about.items():
        yield f"(!) {', '.join(nights)}: {message}"
