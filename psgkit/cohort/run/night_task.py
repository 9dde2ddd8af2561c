"""Task of a worker: read one night, analyse it, write all of its files or none, return the outcome.

A worker knows neither the ledger nor other nights.  Every error of a night is an outcome; only
``OutputError`` is raised, because an output folder that cannot be written to ends the run.
"""

import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import field, replace
from pathlib import Path
from types import TracebackType
from typing import Literal

from psgkit.cohort.ledger import GOES_ON, KnownFile
from psgkit.cohort.out_folder import new_folder, remove_folder
from psgkit.cohort.plan.content import Contents, contents_of, have_changed, key_of, place_of
from psgkit.cohort.plan.planned import (
    DaysFiles,
    PlannedNight,
    renamed_error,
    renamed_report,
    renaming,
)
from psgkit.cohort.results import results_of
from psgkit.cohort.tables.rows import ROWS_FILE, write_day_rows, write_rows
from psgkit.core.dataclass import dataclass
from psgkit.core.days.days_report import DaysReport
from psgkit.core.lab import Letterhead
from psgkit.days.settings import DaysSettings
from psgkit.days.walk import days_of_file
from psgkit.detect.trace import TraceRecorder
from psgkit.document.masking import masked, masked_text, names_kept
from psgkit.errors import PsgkitError
from psgkit.io.actigraphy.read import DayOptions
from psgkit.io.new_files import with_umask
from psgkit.io.scoring.sidecars import find_sidecars
from psgkit.night.files import NightChoice, NightFiles
from psgkit.report.words.language import in_language
from psgkit.report.write import write_days, write_report
from psgkit.review.apply import reviewed_report_of_files
from psgkit.settings import Settings


class OutputError(PsgkitError):
    """The results of a night cannot be written: the disk is full, or the folder is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NightTask:
    """A night with its settings and outputs.

    Attributes
    ----------
    night : PlannedNight
    settings : Settings
    days_settings : DaysSettings
        Of recordings of days.
    settings_digest : str
    out : Path
        Folder of the batch.
    owner : str
        Name of the ledger; marks half-written folders as those of one batch or shard.
    pdf : bool
        Whether a PDF is written as well.
    keep_trace : bool
        Whether the trace of a night is written as well.
    letterhead : Letterhead or None
    language : str
        Of pages and PDF.
    known_key : str
        Key of the existing result; if the key is unchanged, the night is not analysed again.
    umask : int or None
        Of the process that runs the batch: workers make files that as many people can read.
    show_names : bool
        Whether findings keep what they quote from recordings.
    """

    night: PlannedNight
    settings: Settings
    settings_digest: str
    out: Path
    days_settings: DaysSettings = field(default_factory=DaysSettings)
    owner: str = "ledger"
    pdf: bool = False
    keep_trace: bool = False
    letterhead: Letterhead | None = None
    language: str = "en"
    known_key: str = ""
    umask: int | None = None
    show_names: bool = False


def peak_bytes() -> int:
    """Return the peak resident size of this process in bytes; 0 where it is not reported."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        peaks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peaks[0]) * 1024 if peaks else 0
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, the others kilobytes
    return peak if sys.platform == "darwin" else peak * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class NightOutcome:
    """Outcome of a night; fields as in the ledger."""

    state: Literal["done", "failed", "unchanged"]
    key: str = ""
    kind: str = ""
    reason: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0
    host: str = field(default_factory=socket.gethostname)
    files: dict[str, KnownFile] = field(default_factory=dict)
    results: str = ""


_MOST_READS_N = 3
"""How often a night is read whose files change meanwhile; psgkit's own choice."""
CHANGES = "a file of this night changes while it is read: it may still be copied"


def work_on(task: NightTask) -> NightOutcome:
    """Analyse a night, write its results and return the outcome.

    Raises
    ------
    OutputError
        If the result cannot be written.
    """
    with with_umask(task.umask), names_kept(kept=task.show_names):
        return _worked_on(task)


def _worked_on(task: NightTask) -> NightOutcome:
    start_measuring()
    began_s = time.perf_counter()
    outcome = _outcome(task)
    for _ in range(_MOST_READS_N - 1):
        if not have_changed(task.night, outcome.files):
            break
        outcome = _outcome(task)
    else:
        if have_changed(task.night, outcome.files):
            remove_folder(task.out, task.night.night_id, task.owner)
            outcome = replace(outcome, state="failed", kind="InputFileError", reason=CHANGES)
    return replace(outcome, seconds=time.perf_counter() - began_s, peak_bytes=peak_bytes())


def _outcome(task: NightTask) -> NightOutcome:
    contents = contents_of(task.night)
    key = key_of(task.night, contents, task.settings_digest)
    done = NightOutcome(state="done", key=key, files=dict(contents.known))
    if key == task.known_key:
        return replace(done, state="unchanged")
    fault = _Fault()
    with fault:
        write_into = _analysed(task, contents)
    if fault.error is not None:
        remove_folder(task.out, task.night.night_id, task.owner)
        kind, reason = reason_of(fault.error, renaming(task.night))
        return replace(done, state="failed", kind=kind, reason=reason)
    return replace(done, results=_write(write_into, task))


class _Fault(AbstractContextManager["_Fault"]):
    """Catch any error of the analysis of one night, interruptions excepted.

    A fault of psgkit that one recording triggers must fail that night only, and is reported.
    """

    error: Exception | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


def files_there(night: PlannedNight) -> NightFiles:
    """Return the files of a night, with those beside the recording if they exist."""
    beside = night.files.sidecar and bool(find_sidecars(night.recording))
    return replace(night.files, sidecar=beside)


def _analysed(task: NightTask, contents: Contents) -> Callable[[Path], None]:
    """Analyse a night and return the function that writes all results into a folder."""
    night = task.night
    if night.days is not None:
        about_days = masked(report_of_days(night, night.days, task.days_settings))
        return lambda folder: write_about_days(about_days, folder, pdf=task.pdf)
    choice = NightChoice(settings=task.settings, lights=night.lights)
    digest = contents.known.get(place_of(night.recording))
    sha256 = digest.sha256 if digest is not None else None
    files = files_there(night)
    recorder = TraceRecorder()
    report = reviewed_report_of_files(night.recording, files, choice, sha256, recorder)
    trace = recorder.trace(report.sha256)
    report = masked(renamed_report(report, renaming(night)))

    def write_into(folder: Path) -> None:
        write_report(
            report,
            folder,
            trace,
            pdf=task.pdf,
            keep_trace=task.keep_trace,
            letterhead=task.letterhead,
        )
        write_rows(report, night.identity, folder / ROWS_FILE)

    return write_into


def reason_of(error: Exception, rename: Callable[[str], str]) -> tuple[str, str]:
    """Return the name of an error and its message without file names.

    Examples
    --------
    >>> reason_of(MemoryError(), str)
    ('MemoryError', 'more memory was needed than there is')
    """
    kind = type(error).__name__
    if isinstance(error, PsgkitError):
        return kind, masked_text(renamed_error(error, rename))
    if isinstance(error, OSError):
        return kind, f"a file could not be read: {error.strerror or 'no reason was given'}"
    if isinstance(error, MemoryError):
        return "MemoryError", "more memory was needed than there is"
    # the message of any other error may quote the recording; the line of code suffices
    frames = traceback.extract_tb(error.__traceback__)
    places = [frame for frame in frames if "psgkit" in Path(frame.filename).parts] or frames
    where = f"{Path(places[-1].filename).name}, line {places[-1].lineno}" if places else "psgkit"
    return kind, f"a fault of psgkit in {where}: please report it"


def _write(write_into: Callable[[Path], None], task: NightTask) -> str:
    """Write all results of a night under its name, or none; return which files they are."""
    try:
        new = new_folder(task.out, task.night.night_id, task.owner)
        with in_language(task.language), new as folder:
            write_into(folder)
            return results_of(folder)
    except (OSError, PsgkitError) as error:
        found = error.found if isinstance(error, PsgkitError) else error.strerror or str(error)
        wanted = "a folder that can be written to, with room for the results"
        raise OutputError(str(task.out), found, wanted, GOES_ON) from None


_FORGET_PEAK = "5"
"""What the kernel takes as: forget the highest resident size so far (proc(5), clear_refs)."""


def start_measuring() -> None:
    """Reset the peak memory where the system allows it; else it is that of the whole process."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        try:
            clear.write_text(_FORGET_PEAK)
        except OSError:
            # a hardened kernel refuses; the peak is then too high, never too low
            return


def report_of_days(night: PlannedNight, days: DaysFiles, settings: DaysSettings) -> DaysReport:
    """Return the report of a recording of days, named by its ``night_id``."""
    if days.count_scale is not None:
        settings = replace(settings, count_scale=days.count_scale)
    report = days_of_file(night.recording, options_of(night, days), settings)
    return renamed_report(report, renaming(night))


def options_of(night: PlannedNight, days: DaysFiles) -> DayOptions:
    """Return the options of a recording of days: time zone, tables, scale."""
    return DayOptions(
        zone=days.zone,
        diary=days.diary,
        markers=days.markers,
        clock=days.clock,
        channels=night.files.channels,
        day_first={"dmy": True, "mdy": False}.get(days.dates),
    )


def write_about_days(report: DaysReport, folder: Path, *, pdf: bool) -> None:
    """Write all results of a recording of days into its folder."""
    write_days(report, folder, pdf=pdf)
    write_day_rows(report, folder / ROWS_FILE)
