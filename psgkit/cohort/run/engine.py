"""Main loop of a batch: send nights to workers, receive outcomes, write the ledger.

Workers are this process, or processes on this or on other machines.  Only this loop writes the
ledger.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Protocol

from psgkit.cohort.ledger import KnownFile, Ledger, LedgerRow
from psgkit.cohort.out_folder import remove_folder
from psgkit.cohort.plan.plan import MOST_STARTS_N, Step, set_aside
from psgkit.cohort.run.night_task import NightOutcome, NightTask, work_on
from psgkit.core.dataclass import dataclass
from psgkit.errors import PsgkitError

WAIT_S = 0.2
"""How long to wait for workers before signals are looked at."""


ENOUGH_BYTES = 500_000_000
MOST_LOST_N = 2
"""Workers lost before any night is done from which a memory limit is taken for the cause."""


class WorkersError(PsgkitError):
    """The workers could not be started, or end as soon as they get a night."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a night ended at a worker.

    Attributes
    ----------
    night_id : str
    outcome : NightOutcome or None
        None if the worker was lost.
    worker : str
        Name of the worker.
    is_blamed : bool
        Whether the night was being analysed when the worker was lost.
    """

    night_id: str
    outcome: NightOutcome | None
    worker: str = ""
    is_blamed: bool = True


class Workers(Protocol):
    """Processes that each analyse one night at a time."""

    is_this_process: bool
    """Whether a night that ends its worker ends this process."""

    def has_room(self) -> bool:
        """Return whether a worker is idle."""

    def begin(self, task: NightTask) -> None:
        """Send a night to an idle worker."""

    def wait(self, timeout_s: float) -> list[Ended]:
        """Return the nights that have ended; wait at most ``timeout_s`` for the first."""


class RunObserver(Protocol):
    """An observer of the loop."""

    def night(self, row: LedgerRow) -> None:
        """Receive the row of a night that ended."""

    def lost(self, night_id: str, worker: str) -> None:
        """Receive the name of a night that is tried again because its worker was lost."""


@dataclass(slots=True)
class Stop:
    """Request to stop the run: nights in progress are finished, no other is started."""

    is_asked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Ledger, workers and observer of a run.

    Attributes
    ----------
    ledger : Ledger
    workers : Workers
    watch : RunObserver
    stop : Stop
    settings_digest : str
    memory_limit : int or None
        Bytes a worker may have, if that was asked for.
    """

    ledger: Ledger
    workers: Workers
    watch: RunObserver
    stop: Stop
    settings_digest: str
    memory_limit: int | None = None


@dataclass(slots=True)
class _Progress:
    """Nights waiting, nights in progress, the rows of all, and what has ended."""

    waiting: deque[NightTask]
    rows: dict[str, LedgerRow]
    going: dict[str, NightTask] = field(default_factory=dict)
    ended_n: int = 0
    lost_n: int = 0


def run_nights(steps: Sequence[Step], task: NightTask, run: Run) -> None:
    """Analyse the nights of a plan; each is recorded in the ledger as soon as it has ended.

    Parameters
    ----------
    steps : sequence of Step
    task : NightTask
        Template of the tasks; its ``night`` is ignored.
    run : Run

    Raises
    ------
    OutputError
        If results cannot be written; the ledger keeps the finished nights.
    """
    progress = _Progress(
        waiting=deque(replace(task, night=step.night, known_key=step.known_key) for step in steps),
        rows={step.night.night_id: step.row for step in steps},
    )
    run.ledger.write([row for row in progress.rows.values() if row.state == "pending"], {})
    try:
        while progress.going or (progress.waiting and not run.stop.is_asked):
            _hand_out(progress, run)
            for ended in run.workers.wait(WAIT_S):
                _take(ended, progress, run)
    finally:
        if run.workers.is_this_process:
            # an interruption of this process is not counted against the night
            for night_id in progress.going:
                run.ledger.not_started(night_id)


def _hand_out(progress: _Progress, run: Run) -> None:
    while progress.waiting and not run.stop.is_asked and run.workers.has_room():
        task = progress.waiting.popleft()
        if run.workers.is_this_process:
            run.ledger.started(task.night.night_id)
        progress.going[task.night.night_id] = task
        run.workers.begin(task)


def _take(ended: Ended, progress: _Progress, run: Run) -> None:
    task = progress.going.pop(ended.night_id)
    before = progress.rows[ended.night_id]
    files: Mapping[str, KnownFile]
    if ended.outcome is not None:
        progress.ended_n += 1
        row, files = _row_of(ended.outcome, before), ended.outcome.files
    else:
        progress.lost_n += 1
        if run.memory_limit is not None and not progress.ended_n:
            _refuse_small_limit(progress.lost_n, run.memory_limit)
        starts_n = before.starts_n + ended.is_blamed
        if starts_n < MOST_STARTS_N:
            # to the end of the queue: a night that crashes workers must not delay the others
            progress.waiting.append(task)
            progress.rows[ended.night_id] = replace(before, starts_n=starts_n)
            run.ledger.write([progress.rows[ended.night_id]], {})
            run.watch.lost(ended.night_id, ended.worker)
            return
        remove_folder(task.out, ended.night_id, task.owner)
        row, files = set_aside(task.night, run.settings_digest)
    run.ledger.write([row], files)
    run.watch.night(row)


def _refuse_small_limit(lost_n: int, memory_limit: int) -> None:
    """Raise if workers end before any night has: the limit is to blame, not the nights."""
    if lost_n >= MOST_LOST_N:
        raise WorkersError(
            f"--memory-limit {memory_limit / 1e6:.0f} MB",
            f"{lost_n} workers that ended at their first night",
            f"more: {ENOUGH_BYTES / 1e6:.0f} MB are enough for a night of 23 channels at 512 Hz",
            "No night is blamed; the same call with a larger limit goes on.",
        )


def _row_of(outcome: NightOutcome, before: LedgerRow) -> LedgerRow:
    """Return the row of a night that ended; an unchanged night keeps its row."""
    if outcome.state == "unchanged":
        return before
    return LedgerRow(
        identity=before.identity,
        state=outcome.state,
        key=outcome.key,
        kind=outcome.kind,
        reason=outcome.reason,
        seconds=outcome.seconds,
        peak_bytes=outcome.peak_bytes,
        host=outcome.host,
        results=outcome.results,
    )


class ThisProcess:
    """The one worker of ``--jobs 1``: this process."""

    is_this_process = True

    def __init__(self) -> None:
        self._task: NightTask | None = None

    def has_room(self) -> bool:
        """Return whether no night is waiting."""
        return self._task is None

    def begin(self, task: NightTask) -> None:
        """Keep the night; ``wait`` analyses it."""
        self._task = task

    def wait(self, timeout_s: float) -> list[Ended]:  # noqa: ARG002 - a night is not interrupted
        """Analyse the night and return how it ended."""
        task, self._task = self._task, None
        if task is None:
            return []
        return [Ended(night_id=task.night.night_id, outcome=work_on(task))]
