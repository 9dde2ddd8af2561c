"""Dask clusters for a crew: one started here for as long as a batch lasts, or one that is there.

Everything that is started here listens on this machine alone and shows no dashboard; what dask
would print about workers that come and go is said in our own words by the crew.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psgkit.cohort.run.crew_dask import DaskCrew
from psgkit.errors import PsgkitError

HERE = "127.0.0.1"
CONNECT_S = 10.0
"""How long a scheduler is looked for."""

QUIET: dict[str, Any] = {
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
    "distributed.worker.preload": ["psgkit.cohort.run.worker_start"],
}
"""What differs from the defaults of dask in a cluster that is started here."""


@contextmanager
def local_crew(
    jobs: int, memory_limit: int | None, out: Path, say: Callable[[str], None]
) -> Iterator[DaskCrew]:
    """Start ``jobs`` worker processes on this machine and end them with the block.

    Parameters
    ----------
    jobs : int
    memory_limit : int, optional
        Bytes a worker may have; an equal share of the memory of this machine if None.
    out : Path
        Folder of the batch.
    say : callable
        Is told what happens to workers.
    """
    import dask
    from distributed import LocalCluster

    limit = "auto" if memory_limit is None else memory_limit
    with (
        dask.config.set(QUIET),
        tempfile.TemporaryDirectory(prefix="psgkit-", ignore_cleanup_errors=True) as scratch,
        LocalCluster(
            n_workers=jobs,
            threads_per_worker=1,
            processes=True,
            host=HERE,
            dashboard_address=f"{HERE}:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=limit,
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        _client_of(cluster) as client,
    ):
        yield DaskCrew(client, out, say)


@contextmanager
def remote_crew(address: str, out: Path, say: Callable[[str], None]) -> Iterator[DaskCrew]:
    """Use the workers of a scheduler that runs.

    Raises
    ------
    PsgkitError
        If there is no scheduler at this address.
    """
    import dask

    with dask.config.set(QUIET):
        try:
            client = _client_of(address)
        except (OSError, ValueError) as error:
            found = f"no scheduler ({type(error).__name__})"
            raise PsgkitError(address, found, "the address dask scheduler prints") from None
        with client:
            yield DaskCrew(client, out, say)


def _client_of(where: Any) -> Any:  # noqa: ANN401 - a cluster or an address; dask has no types
    from distributed import Client

    return Client(where, timeout=CONNECT_S, set_as_default=False)
