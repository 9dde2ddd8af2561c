"""Run a batch: find nights, plan what is missing (also after a kill), analyse it, record it."""

import functools
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from pathlib import Path
from typing import Protocol

from psgkit.cohort.ledger import (
    Journal,
    KnownFile,
    Ledger,
    LedgerRow,
    ledger_paths,
    reading,
    writing,
)
from psgkit.cohort.out_folder import (
    NIGHTS_FOLDER,
    SUPERSEDED_FOLDER,
    BatchFacts,
    claim_folder,
    facts_of,
    is_network,
    make_nights_folder,
    names_of_nights,
    only_run,
    purge,
    refuse_among_originals,
    remove_folder,
    supersede,
    sweep,
)
from psgkit.cohort.plan.content import name_hash_by, place_of
from psgkit.cohort.plan.plan import Again, Known, Plan, plan_nights, set_aside, shard_of
from psgkit.cohort.plan.planned import PlannedNight
from psgkit.cohort.plan.sources import FoundNights, find_nights
from psgkit.cohort.results import holds
from psgkit.cohort.run.engine import (
    Run,
    RunObserver,
    Stop,
    ThisProcess,
    Workers,
    WorkersError,
    run_nights,
)
from psgkit.cohort.run.night_task import NightTask
from psgkit.cohort.run.scheduler_access import SchedulerAccess
from psgkit.core.dataclass import dataclass
from psgkit.days.settings import DaysSettings
from psgkit.document.masking import names_are_shown
from psgkit.extras import require
from psgkit.io.logo import read_letterhead
from psgkit.io.new_files import umask_now
from psgkit.io.scoring.stage_codes import StageCodes
from psgkit.report.words.language import language
from psgkit.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRequest:
    """Source, output folder and settings of a batch.

    Attributes
    ----------
    source : str
        Folder, pattern, BIDS data set or manifest, as typed.
    out : Path
    settings : Settings
    days_settings : DaysSettings
        For recordings of days.
    zone : str
        Time zone of recordings of days that name none.
    channels : Path or None
        Channel map of nights that name none.
    stage_codes : StageCodes or None
        What codes of stages mean in nights of which the manifest does not say it.
    again : {"missing", "failed", "all"}
    keep_names : bool
        Whether recordings keep their file names in outputs.
    pdf : bool
        Whether a PDF of each night is written as well.
    keep_trace : bool
        Whether the trace of each night is written as well.
    shard : (int, int) or None
        Number of the shard, from 1, and number of shards.
    verify : bool
        Whether every byte of earlier results is compared with its digest; else their sizes are.
    purge : bool
        Whether nights that the source no longer holds are deleted; else they are moved.
    """

    source: str
    out: Path
    settings: Settings = field(default_factory=Settings)
    days_settings: DaysSettings = field(default_factory=DaysSettings)
    zone: str = ""
    channels: Path | None = None
    stage_codes: StageCodes | None = None
    again: Again = "missing"
    keep_names: bool = False
    pdf: bool = False
    keep_trace: bool = False
    shard: tuple[int, int] | None = None
    verify: bool = False
    purge: bool = False

    @property
    def owner(self) -> str:
        """Return the name of the ledger without suffix."""
        return WHOLE if self.shard is None else f"{WHOLE}-{self.shard[0]}-of-{self.shard[1]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerChoice:
    """Which processes analyse the nights.

    Attributes
    ----------
    jobs : int
        Processes on this machine; 1 is this one.
    scheduler : SchedulerAccess or None
        Scheduler whose workers are used instead.
    memory_limit : int or None
        Bytes a local worker may have.
    """

    jobs: int = 1
    scheduler: SchedulerAccess | None = None
    memory_limit: int | None = None


class BatchObserver(RunObserver, Protocol):
    """An observer of a whole batch: progress bar, log file."""

    def planned(self, found: FoundNights, plan: Plan) -> None:
        """Receive the nights of the source and the plan."""

    def said(self, text: str) -> None:
        """Receive a message about workers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchResult:
    """How a batch ended.

    Attributes
    ----------
    states : mapping of state to int
        Number of nights of the source in each state.
    failures : tuple of LedgerRow
        Rows of the nights that failed or were set aside.
    was_stopped : bool
        Whether the run was stopped before all nights were analysed.
    names : mapping of night_id to str
        Files of the nights as the source calls them; for the terminal, never for a file.
    copies : tuple of str
        Recordings that were left out because another has the same content, likewise.
    """

    states: dict[str, int]
    failures: tuple[LedgerRow, ...]
    was_stopped: bool
    names: Mapping[str, str] = field(default_factory=dict)
    copies: tuple[str, ...] = ()


def run_batch(
    request: BatchRequest, choice: WorkerChoice, watch: BatchObserver, stop: Stop
) -> BatchResult:
    """Analyse the remaining nights of a batch and return its state.

    Raises
    ------
    PsgkitError
        If the source or the folder cannot be used, or results cannot be written; nights finished
        before remain in the ledger and in their folders.
    """
    require("pyarrow")
    if choice.jobs > 1 or choice.scheduler:
        require("distributed")
    found, nights, facts = prepare(request)
    mended = claim_folder(request.out, facts, force=request.again == "all")
    if mended:
        watch.said(mended)
    with only_run(request.out, request.owner):
        make_nights_folder(request.out)
        sweep(request.out, request.owner)
        with writing(request.out / f"{request.owner}.sqlite", _journal(request)) as ledger:
            if request.shard is None:
                take_over_shards(request.out, ledger)
            _leave_out_withdrawn(request, found, ledger, watch)
            known, damaged = intact(known_of(request.out), nights, request)
            if damaged:
                watch.said(f"{_nights(damaged)} whose results were damaged: done again")
            plan = plan_nights(nights, known, facts.digest, request.again)
            watch.planned(found, plan)
            ledger.write(plan.renamed, {})
            for night in plan.set_aside:
                remove_folder(request.out, night.night_id, request.owner)
                row, files = set_aside(night, facts.digest)
                ledger.write([row], files)
                watch.night(row)
            task = _task(request, nights, facts)
            if plan.steps and task is not None:
                _run_steps(plan, task, (request, choice), ledger, watch, stop)
    return replace(
        _result(request, nights, stop),
        names={night.night_id: night.known_as for night in nights},
        copies=found.copies,
    )


def _run_steps(
    plan: Plan,
    task: NightTask,
    asked: tuple[BatchRequest, WorkerChoice],
    ledger: Ledger,
    watch: BatchObserver,
    stop: Stop,
) -> None:
    """Give the nights of a plan to workers; nothing half-written is left behind."""
    request, choice = asked
    try:
        with _workers(choice, len(plan.steps), request.out, watch.said) as workers:
            run = Run(
                ledger=ledger,
                workers=workers,
                watch=watch,
                stop=stop,
                settings_digest=task.settings_digest,
                memory_limit=choice.memory_limit,
            )
            run_nights(plan.steps, task, run)
    except WorkersError:
        # workers that are stopped while they start fail to start
        if not stop.is_asked:
            raise
    finally:
        sweep(request.out, request.owner)


def _nights(number: int) -> str:
    return f"{number} night{'s' * (number != 1)}"


def _leave_out_withdrawn(
    request: BatchRequest, found: FoundNights, ledger: Ledger, watch: BatchObserver
) -> None:
    """Take nights that the source no longer holds, or holds with other content, out of a batch."""
    now = {night.night_id for night in found.nights}
    gone = {row.night_id for row in ledger.rows()} - now
    rows_n = len(gone)
    if request.shard is None:
        # folders of a run that was killed before its ledger knew them
        gone |= names_of_nights(request.out) - now
    if request.purge:
        earlier_n = purge(request.out, gone, request.owner)
        if gone or earlier_n:
            watch.said(f"{_nights(len(gone) + earlier_n)} that the source no longer holds: deleted")
        ledger.forget_files(
            place_of(path) for night in found.nights for _, path in night.files_by_purpose()
        )
    elif gone:
        supersede(request.out, gone, request.owner)
        watch.said(
            f"{_nights(len(gone))} that the source no longer holds: moved to "
            f"{SUPERSEDED_FOLDER}/ (--purge deletes them)"
        )
    if rows_n:
        ledger.forget(gone)


def intact(known: Known, nights: list[PlannedNight], request: BatchRequest) -> tuple[Known, int]:
    """Return what is known without nights whose results are damaged, and how many these are."""
    folder = request.out / NIGHTS_FOLDER
    damaged = {
        night.night_id
        for night in nights
        if (row := known.rows.get(night.night_id)) is not None
        and row.state == "done"
        and not holds(folder / night.night_id, row.results, verify=request.verify)
    }
    return replace(known, folders=known.folders - damaged), len(damaged)


def prepare(request: BatchRequest) -> tuple[FoundNights, list[PlannedNight], BatchFacts]:
    """Return the nights found, those of this batch or shard, and its facts; write nothing."""
    hash_of = functools.partial(name_hash_by, known_files_of(request.out))
    found = find_nights(request.source, hash_of, request.channels, request.zone)
    is_manifest = found.kind == "manifest"
    recordings = (night.recording.parent for night in found.nights) if is_manifest else ()
    refuse_among_originals(request.out, None if is_manifest else found.root, recordings)
    nights = [_with_codes(night, request.stage_codes) for night in found.nights]
    if request.keep_names:
        nights = [night.with_own_name() for night in nights]
    if request.shard is not None:
        nights = shard_of(nights, *request.shard)
    output: dict[str, bool | str] = {"keep_names": request.keep_names, "pdf": request.pdf}
    if request.keep_trace:  # a batch without traces keeps the digest of versions without them
        output["keep_trace"] = True
    if language() != "en":  # a batch in English keeps the digest of versions without languages
        output["language"] = language()
    letterhead = read_letterhead(request.settings.lab)
    facts = facts_of(request.settings, request.days_settings, found.kind, output, letterhead)
    return found, nights, facts


def _with_codes(night: PlannedNight, codes: StageCodes | None) -> PlannedNight:
    """Return the night with the stated codes of stages, unless it has its own."""
    if codes is None or night.days is not None or night.files.stage_codes is not None:
        return night
    return replace(night, files=replace(night.files, stage_codes=codes))


def known_of(out: Path) -> Known:
    """Return the results of earlier runs from all ledgers of a batch, other shards included."""
    rows: dict[str, LedgerRow] = {}
    files: dict[str, KnownFile] = {}
    for path in ledger_paths(out):
        with reading(path) as ledger:
            files |= ledger.known_files()
            for row in ledger.rows():
                before = rows.get(row.night_id)
                if before is None or before.state != "done":
                    rows[row.night_id] = row
    return Known(rows=rows, files=files, folders=frozenset(names_of_nights(out)))


def known_files_of(out: Path) -> dict[str, KnownFile]:
    """Return the known files from the ledgers of a folder, which need not exist."""
    files: dict[str, KnownFile] = {}
    for path in ledger_paths(out):
        with reading(path) as ledger:
            files |= ledger.known_files()
    return files


def _journal(request: BatchRequest) -> Journal:
    """Return the journal mode of the ledger: ``DELETE`` on a network file system."""
    is_shared = request.shard is not None or is_network(request.out)
    return "DELETE" if is_shared else "WAL"


def _task(request: BatchRequest, nights: list[PlannedNight], facts: BatchFacts) -> NightTask | None:
    """Return the task that all nights share, with absolute paths."""
    if not nights:
        return None
    return NightTask(
        night=nights[0],
        settings=request.settings,
        days_settings=request.days_settings,
        settings_digest=facts.digest,
        out=request.out.absolute(),
        owner=request.owner,
        pdf=request.pdf,
        keep_trace=request.keep_trace,
        letterhead=read_letterhead(request.settings.lab),
        language=language(),
        umask=umask_now(),
        show_names=names_are_shown(),
    )


def _workers(
    choice: WorkerChoice, nights_n: int, out: Path, say: Callable[[str], None]
) -> AbstractContextManager[Workers]:
    """Return the workers, which end with the block."""
    jobs = min(choice.jobs, nights_n)
    if choice.scheduler is None and jobs == 1 and choice.memory_limit is None:
        return nullcontext(ThisProcess())
    from psgkit.cohort.run.dask_workers import local_workers, remote_workers

    if choice.scheduler is not None:
        return remote_workers(choice.scheduler, out.absolute(), say)
    return local_workers(jobs, choice.memory_limit, out.absolute(), say)


def _result(request: BatchRequest, nights: list[PlannedNight], stop: Stop) -> BatchResult:
    rows = known_of(request.out).rows
    states = {"done": 0, "failed": 0, "set_aside": 0, "pending": 0}
    failures = []
    for night in nights:
        row = rows.get(night.night_id)
        states[row.state if row is not None else "pending"] += 1
        if row is not None and row.state in ("failed", "set_aside"):
            failures.append(row)
    failures.sort(key=lambda row: row.night_id)
    was_stopped = stop.is_asked and states["pending"] > 0
    return BatchResult(states=states, failures=tuple(failures), was_stopped=was_stopped)


def usual_jobs() -> int:
    """Return the number of cores this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


WHOLE = "ledger"
"""Name of the ledger of a whole batch; those of shards begin with it."""


def take_over_shards(out: Path, ledger: Ledger) -> None:
    """Copy the rows of finished shards into the main ledger and remove their ledgers."""
    mine = {row.night_id for row in ledger.rows()}
    done: set[str] = set()
    for path in ledger_paths(out):
        if path.stem == WHOLE:
            continue
        # a shard that still runs keeps its ledger
        with only_run(out, path.stem):
            sweep(out, path.stem)
            with reading(path) as shard:
                # a shard began after the last call without one, so that it knows better; of
                # several that know a night (they were counted anew) one that has done it
                found = [row for row in shard.rows() if row.night_id not in done]
                rows = [row for row in found if row.state != "pending" or row.night_id not in mine]
                ledger.write(rows, shard.known_files())
            mine |= {row.night_id for row in rows}
            done |= {row.night_id for row in rows if row.state == "done"}
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
