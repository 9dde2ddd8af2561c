"""Many nights analysed from Python, as reports in memory."""

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Literal

from psgkit.cohort.plan.sources import recordings_of_nights
from psgkit.core.night_report import NightReport
from psgkit.errors import InputFileError, PsgkitError
from psgkit.io.files import is_folder
from psgkit.io.scoring.sidecars import find_sidecars
from psgkit.night.files import NightChoice, NightFiles
from psgkit.review.apply import reviewed_report_of_files
from psgkit.settings import GivenSettings, Settings
from psgkit.working_folder import imports_from_no_working_folder


def analyse_many(
    paths: str | Path | Iterable[str | Path],
    jobs: int = 1,
    *,
    settings: GivenSettings = None,
    sidecar: bool = True,
    on_error: Literal["raise", "warn"] = "raise",
) -> list[NightReport]:
    """Analyse the nights of folders and files, with a progress bar on a terminal.

    For hundreds of nights, results on disk and resumption take ``psgkit batch``.

    Parameters
    ----------
    paths : path or iterable of paths
        Folders (searched with those below them), EDF and BDF files.
    jobs : int
        Processes; 1 is this one.  A script that uses more needs ``if __name__ == "__main__":``.
    settings : Settings, optional
        Or a rule set (``psgkit.AASM_3``), or its name (``"aasm3"``).
    sidecar : bool
        Whether stages and events beside a recording are read.
    on_error : {"raise", "warn"}
        What happens to a night that cannot be used: "warn" leaves it out with a warning.

    Returns
    -------
    list of NightReport
        In the order of the files; those of a folder are sorted.

    Raises
    ------
    PsgkitError
        If no recording is found, or a night cannot be used.

    Examples
    --------
    >>> reports = analyse_many("study", jobs=2)  # doctest: +SKIP
    >>> psgkit.summary(reports).to_csv("nights.csv")  # doctest: +SKIP
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    found = _recordings(paths)
    work = partial(_report_or_error, settings=Settings.of(settings), sidecar=sidecar)
    reports = []
    with closing(_results(work, found, jobs)) as results:
        for path, one in zip(found, _with_progress(results, len(found)), strict=True):
            if isinstance(one, NightReport):
                reports.append(one)
            elif on_error == "raise":
                raise one
            else:
                import warnings

                warnings.warn(f"{path.name} is left out: {one}", stacklevel=2)
    return reports


def _recordings(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    given = [paths] if isinstance(paths, str | Path) else paths
    return [recording for path in given for recording in _recordings_at(Path(path))]


def _recordings_at(path: Path) -> list[Path]:
    found = recordings_of_nights(path) if is_folder(path) else [path]
    if not found:
        raise InputFileError(path.name, "no recording", "EDF or BDF files in this folder")
    return found


def _report_or_error(path: Path, settings: Settings, *, sidecar: bool) -> NightReport | PsgkitError:
    """Return the report of a night, or why it has none."""
    try:
        files = NightFiles(sidecar=sidecar and bool(find_sidecars(path)))
        return reviewed_report_of_files(path, files, NightChoice(settings=settings))
    except PsgkitError as error:
        return error


def _results(
    work: "partial[NightReport | PsgkitError]", paths: Sequence[Path], jobs: int
) -> Generator[NightReport | PsgkitError]:
    if jobs == 1 or len(paths) < 2:  # noqa: PLR2004 - one night needs no other process
        yield from map(work, paths)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    spawned = get_context("spawn")
    with (
        imports_from_no_working_folder(),
        ProcessPoolExecutor(min(jobs, len(paths)), mp_context=spawned) as pool,
    ):
        yield from pool.map(work, paths)


def _with_progress(
    results: Iterator[NightReport | PsgkitError], n: int
) -> Iterator[NightReport | PsgkitError]:
    """Show how many of the nights are done, where standard error is a terminal."""
    from rich.console import Console
    from rich.progress import track

    console = Console(file=sys.stderr)
    yield from track(
        results,
        description="nights",
        total=n,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
