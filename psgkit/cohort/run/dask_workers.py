"""Dask workers, on this machine or on several: each analyses one night at a time.

A worker gets its next night when the one before has come back.  So it is known which night a
lost worker was analysing, and no night waits behind one that crashes workers, whatever the
configuration of the scheduler.
"""

import logging
import queue
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.cohort.out_folder import BATCH_FILE
from psgkit.cohort.plan.planned import renaming
from psgkit.cohort.run.engine import Ended, WorkersError
from psgkit.cohort.run.night_task import NightOutcome, NightTask, OutputError, reason_of, work_on
from psgkit.cohort.run.scheduler_access import SchedulerAccess
from psgkit.core.dataclass import dataclass
from psgkit.errors import PsgkitError, SettingsError
from psgkit.working_folder import (
    imports_from_no_working_folder,
    obey_no_style_of_working_folder,
)

if TYPE_CHECKING:
    from distributed import Client, Future


LOOK_EVERY_S = 0.5
"""How often the scheduler is asked which workers there are."""
FETCH_S = 30.0
"""How long a result is waited for after it is ready; its worker may be gone."""
SAY_NONE_AFTER_S = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerFacts:
    """Facts that a worker reports before it gets nights."""

    version: str
    sees_out: bool


@dataclass(frozen=True, slots=True)
class _Job:
    """A night that a worker is analysing."""

    task: NightTask
    future: "Future"


def facts_of_worker(out: str) -> WorkerFacts:
    """Return the version of psgkit in this process, and whether it sees the folder of the batch."""
    return WorkerFacts(version=__version__, sees_out=(Path(out) / BATCH_FILE).is_file())


class DaskWorkers:
    """The workers of a dask client; see the module."""

    is_this_process = False

    def __init__(self, client: "Client", out: Path, say: Callable[[str], None]) -> None:
        self._client = client
        self._out = out
        self._say = say
        self._ended: queue.SimpleQueue[tuple[str, Future]] = queue.SimpleQueue()
        self._jobs: dict[str, _Job] = {}
        self._idle: list[str] = []
        self._lost: list[Ended] = []
        self._judged: dict[str, bool] = {}
        self._looked_s = self._some_s = time.monotonic() - LOOK_EVERY_S
        self._said_none = False

    def has_room(self) -> bool:
        """Return whether a worker is idle."""
        if not self._idle:
            self._look()
        return bool(self._idle)

    def begin(self, task: NightTask) -> None:
        """Send a night to an idle worker."""
        address = self._idle.pop()
        future = self._client.submit(
            work_on, task, workers=[address], allow_other_workers=False, pure=False
        )
        self._jobs[address] = _Job(task, future)
        future.add_done_callback(lambda done: self._ended.put((address, done)))

    def wait(self, timeout_s: float) -> list[Ended]:
        """Return the nights that ended or were lost with their worker."""
        ended = []
        try:
            ended.append(self._ended.get(timeout=timeout_s))
            while True:
                ended.append(self._ended.get_nowait())
        except queue.Empty:
            pass
        back = [self._back(address, future) for address, future in ended]
        self._look()
        lost, self._lost = self._lost, []
        return [*(one for one in back if one is not None), *lost]

    def _back(self, address: str, future: "Future") -> Ended | None:
        """Return how a night ended, None if that was already reported."""
        job = self._jobs.get(address)
        if job is None or job.future is not future:
            return None
        del self._jobs[address]
        self._idle.append(address)
        night_id = job.task.night.night_id
        outcome = _outcome_of(job)
        return Ended(night_id=night_id, outcome=outcome, worker=address, is_blamed=False)

    def _look(self) -> None:
        """Update the list of workers; keep the nights of workers that are gone."""
        now_s = time.monotonic()
        if now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        workers = self._workers()
        self._judge({name: workers[name] for name in workers if name not in self._judged})
        good = [name for name in workers if self._judged.get(name)]
        running = [name for name in good if workers[name].get("status") == "running"]
        self._idle = [name for name in running if name not in self._jobs]
        self._say_if_none(bool(good), now_s)
        for name in [name for name in self._jobs if name not in workers]:
            job = self._jobs.pop(name)
            job.future.cancel()
            night_id = job.task.night.night_id
            self._lost.append(Ended(night_id=night_id, outcome=None, worker=name))

    def _workers(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the scheduler's information about each worker, by address.

        The copy in the client is at times empty, so the scheduler itself is asked.
        """
        lost = PsgkitError(
            "scheduler",
            "no connection to it any more",
            "a scheduler that runs",
            "Start it again and call psgkit batch again: what is done is done.",
        )
        if self._client.status != "running":
            raise lost
        try:
            known = self._client.sync(self._client.scheduler.identity)
        except OSError:
            raise lost from None
        workers: Mapping[str, Mapping[str, Any]] = known["workers"]
        return workers

    def _judge(self, new: Mapping[str, Mapping[str, Any]]) -> None:
        """Check new workers; those that would give other results get no night."""
        if not new:
            return
        answers = self._client.run(
            facts_of_worker, str(self._out), workers=list(new), on_error="return"
        )
        for address, facts in answers.items():
            why_not = _why_not(facts)
            self._judged[address] = not why_not
            if why_not:
                self._say(f"worker {address} gets no night: {why_not}")
            elif new[address].get("nthreads", 1) > 1:
                self._say(
                    f"worker {address} has {new[address]['nthreads']} threads and does one night "
                    "at a time: start it with --nworkers N --nthreads 1 for N at once"
                )

    def _say_if_none(self, some: bool, now_s: float) -> None:  # noqa: FBT001 - a fact
        if some:
            self._some_s, self._said_none = now_s, False
        elif now_s - self._some_s > SAY_NONE_AFTER_S and not self._said_none:
            self._said_none = True
            self._say("no worker to give a night to; waiting for one (Ctrl-C stops)")


def _why_not(facts: object) -> str:
    """Return why a worker cannot be used; empty if it can."""
    if not isinstance(facts, WorkerFacts):
        return f"psgkit {__version__} cannot be used there ({type(facts).__name__})"
    if facts.version != __version__:
        return f"it has psgkit {facts.version}, this is {__version__}"
    return "" if facts.sees_out else "it does not see the output folder under the same path"


def _outcome_of(job: _Job) -> NightOutcome | None:
    """Return the outcome of a finished night; None if it was lost. ``OutputError`` is passed on."""
    future = job.future
    try:
        if future.status == "finished":
            outcome: NightOutcome = future.result(timeout=FETCH_S)
            return outcome
        error = future.exception(timeout=FETCH_S) if future.status == "error" else None
    except (TimeoutError, CancelledError):
        return None
    if isinstance(error, OutputError):
        raise error
    if not isinstance(error, Exception):
        return None
    # the worker did not start the night, for example because it could not unpickle the task
    kind, reason = reason_of(error, renaming(job.task.night))
    return NightOutcome(state="failed", kind=kind, reason=reason)


_LOOPBACK = "127.0.0.1"
_CONNECT_S = 10.0
"""How long connecting to a scheduler may take."""

_DASK_SETTINGS: dict[str, Any] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.disk": False,
    "distributed.diagnostics.nvml": False,
    # finished nights are in the ledger; the scheduler need not log thousands of transitions
    "distributed.admin.log-length": 1000,
    "distributed.admin.low-level-log-length": 100,
    "distributed.diagnostics.computations.max-history": 10,
    # a night that holds the interpreter for seconds is no fault
    "distributed.admin.tick.limit": "1h",
    # a worker that ends is noticed by its connection; the clock of this machine may jump, and a
    # machine may sleep, and no worker is lost for that
    "distributed.scheduler.worker-ttl": None,
    # workers keep no results; memory is limited only by ending the worker
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # dask makes workers give back every 64 kB; a night takes and gives back buffers of megabytes
    # all the time, and fetching each page anew takes longer than the analysis
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 256 * 2**20,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 * 2**20,
}
"""What differs from the defaults of dask."""


@contextmanager
def local_workers(
    jobs: int, memory_limit: int | None, out: Path, say: Callable[[str], None]
) -> Iterator[DaskWorkers]:
    """Start ``jobs`` worker processes on this machine and end them with the block.

    Parameters
    ----------
    jobs : int
    memory_limit : int, optional
        Bytes for each worker; if None, an equal share of the memory of this machine.
    out : Path
        Folder of the batch.
    say : callable
        Called with each message about workers.
    """
    import dask
    from distributed import Nanny, Security, SpecCluster

    security = Security.temporary()
    server = {"host": _LOOPBACK, "protocol": "tls://", "security": security}
    with (
        dask.config.set(_DASK_SETTINGS),
        imports_from_no_working_folder(),
        tempfile.TemporaryDirectory(prefix="psgkit-", ignore_cleanup_errors=True) as scratch,
    ):
        worker = {
            **server,
            "worker_class": local_worker,
            "nthreads": 1,
            "memory_limit": "auto" if memory_limit is None else memory_limit,
            "local_directory": scratch,
            "silence_logs": logging.CRITICAL,
        }
        # the first process to start it would get SIGINT unblocked, see ``_local_scheduler``
        resource_tracker.ensure_running()
        start = partial(
            SpecCluster,
            scheduler={"cls": _local_scheduler, "options": {**server, "dashboard": False}},
            workers={i: {"cls": Nanny, "options": worker} for i in range(jobs)},
            security=security,
            silence_logs=logging.CRITICAL,
        )
        with ExitStack() as started:
            cluster = started.enter_context(_started(start))
            try:
                client = started.enter_context(_client_of(cluster, security))
            except (OSError, TimeoutError) as error:
                raise _not_started(error) from None
            yield DaskWorkers(client, out, say)


def _started(start: Callable[[], Any]) -> Any:  # noqa: ANN401 - dask has no types
    """Return a started cluster; one whose worker was killed meanwhile is started once more."""
    for is_last in (False, True):
        try:
            return start()
        except (RuntimeError, OSError, TimeoutError) as error:
            if is_last:
                raise _not_started(error) from None
    raise AssertionError


def _not_started(error: Exception) -> WorkersError:
    return WorkersError(
        "--jobs",
        f"workers that could not be started ({str(error).rstrip('.') or type(error).__name__})",
        "processes that may listen on this machine and have some memory",
        "--jobs 1 analyses the nights in this process.",
    )


@contextmanager
def remote_workers(
    access: SchedulerAccess, out: Path, say: Callable[[str], None]
) -> Iterator[DaskWorkers]:
    """Use the workers of a running scheduler.

    Raises
    ------
    PsgkitError
        If no scheduler answers at this address, or the credentials are refused.
    SettingsError
        If the address is for TLS and there are no credentials.
    """
    import dask

    with dask.config.set(_DASK_SETTINGS):
        security = _security_for(access)
        if access.warning:
            say(access.warning)
        try:
            client = _client_of(access.address, security)
        except (OSError, ValueError) as error:
            raise _no_connection(access, error) from None
        with client:
            yield DaskWorkers(client, out, say)


def _security_for(access: SchedulerAccess) -> Any:  # noqa: ANN401 - dask has no types
    """Return the credentials given or configured for dask; raise if TLS has none."""
    from distributed import Security

    if access.credentials is not None:
        return Security(
            require_encryption=True,
            tls_ca_file=str(access.credentials.ca),
            tls_client_cert=str(access.credentials.cert),
            tls_client_key=str(access.credentials.key),
        )
    security = Security(require_encryption=access.is_encrypted)
    if access.is_encrypted and not (security.tls_ca_file and security.tls_client_cert):
        wanted = "--tls-ca, --tls-cert and --tls-key with tls://"
        raise SettingsError("--scheduler", "no credentials", wanted)
    return security


def _no_connection(access: SchedulerAccess, error: Exception) -> PsgkitError:
    causes = [str(error), str(error.__cause__ or ""), str(error.__context__ or "")]
    if access.is_encrypted and any("TLS" in cause or "SSL" in cause for cause in causes):
        found = "a scheduler that does not share these credentials"
        return PsgkitError(access.address, found, "certificates of one authority on both sides")
    found = f"no scheduler ({type(error).__name__})"
    return PsgkitError(access.address, found, "the address dask scheduler prints")


def _client_of(where: Any, security: Any) -> Any:  # noqa: ANN401 - dask has no types
    from distributed import Client

    return Client(where, security=security, timeout=_CONNECT_S, set_as_default=False)


def _local_scheduler(**options: object) -> object:
    """Return a scheduler that listens with TLS only; dask calls this in the thread of its loop.

    Processes started from that thread inherit its signal mask: Ctrl-C, which a terminal sends to
    all processes at once, does not reach workers, not even while they are starting.
    """
    from distributed import Scheduler

    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    return _without_http(Scheduler)(**options)


def local_worker(*arguments: object, **options: object) -> object:
    """Return the worker of a worker process; called there by dask.

    It ignores Ctrl-C, which a terminal sends to all processes at once: the main process stops the
    batch, and the worker finishes its night.
    """
    from distributed import Worker

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    obey_no_style_of_working_folder()
    return _without_http(Worker)(*arguments, **options)


def _without_http(server: type) -> type:
    """Return a dask server class that does not start its HTTP server."""
    return type(server.__name__, (server,), {"start_http_server": _start_no_http_server})


def _start_no_http_server(_server: object, *_: object, **__: object) -> None:
    """Open no socket."""
