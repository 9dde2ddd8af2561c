"""Dask clusters of a batch: one started on this machine for the batch, or one that runs already.

The local cluster listens on loopback with TLS and credentials that exist only in memory: dask
unpickles what a client sends, so that any other user of the machine who could connect could run
code in the name of the batch.  Its scheduler and workers start no HTTP server, which knows no
credentials.
"""

import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psgkit.cohort.run.dask_workers import DaskWorkers
from psgkit.cohort.run.scheduler_access import SchedulerAccess
from psgkit.errors import PsgkitError, SettingsError

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
    # what was done is in the ledger; the scheduler need not remember ten thousand steps of it
    "distributed.admin.log-length": 1000,
    "distributed.admin.low-level-log-length": 100,
    "distributed.diagnostics.computations.max-history": 10,
    # a night that holds the interpreter for seconds is no fault
    "distributed.admin.tick.limit": "1h",
    # no result is kept in a worker; what a night needs is limited by ending the worker alone
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
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
        Bytes a worker may have; an equal share of the memory of this machine if None.
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
        _imports_from_no_working_folder(),
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
        with (
            SpecCluster(
                scheduler={"cls": _local_scheduler, "options": {**server, "dashboard": False}},
                workers={i: {"cls": Nanny, "options": worker} for i in range(jobs)},
                security=security,
                silence_logs=logging.CRITICAL,
            ) as cluster,
            _client_of(cluster, security) as client,
        ):
            yield DaskWorkers(client, out, say)


@contextmanager
def remote_workers(
    access: SchedulerAccess, out: Path, say: Callable[[str], None]
) -> Iterator[DaskWorkers]:
    """Use the workers of a scheduler that runs.

    Raises
    ------
    PsgkitError
        If no scheduler answers at this address, or one side refuses the credentials of the other.
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
    """Return the credentials for a scheduler, those of dask's own configuration if none is given.

    Raises
    ------
    SettingsError
        If there are none and the address is for TLS.
    """
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
    """Return the error that says why there is no connection."""
    causes = [str(error), str(error.__cause__ or ""), str(error.__context__ or "")]
    if access.is_encrypted and any("TLS" in cause or "SSL" in cause for cause in causes):
        found = "a scheduler that does not share these credentials"
        return PsgkitError(access.address, found, "certificates of one authority on both sides")
    found = f"no scheduler ({type(error).__name__})"
    return PsgkitError(access.address, found, "the address dask scheduler prints")


def _client_of(where: Any, security: Any) -> Any:  # noqa: ANN401 - dask has no types
    from distributed import Client

    return Client(where, security=security, timeout=_CONNECT_S, set_as_default=False)


@contextmanager
def _imports_from_no_working_folder() -> Iterator[None]:
    """Let Python processes that are started meanwhile import nothing from the working folder.

    Workers, and what multiprocessing starts beside them, are begun by ``python -c``, which else
    looks for modules there first: a folder of recordings could hold any.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _local_scheduler(**options: object) -> object:
    """Return a scheduler that listens with TLS alone."""
    from distributed import Scheduler

    return _without_http(Scheduler)(**options)


def local_worker(*arguments: object, **options: object) -> object:
    """Return the worker of a worker process; called there by dask.

    Ctrl-C is left to the process that hands out the nights: a terminal sends it to all processes at
    once, and a worker that obeyed it would lose its night.
    """
    from distributed import Worker

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _without_http(Worker)(*arguments, **options)


def _without_http(server: type) -> type:
    """Return the class of a server of dask without its HTTP server, which is always started."""
    return type(server.__name__, (server,), {"start_http_server": _start_no_http_server})


def _start_no_http_server(_server: object, *_: object, **__: object) -> None:
    """Open no socket."""
