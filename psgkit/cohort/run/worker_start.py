"""What a worker process of a local cluster does before its first night."""

import signal


def dask_setup(_worker: object) -> None:
    """Leave Ctrl-C to the process that hands out the nights.

    A terminal sends it to all processes at once; a worker that heeded it would lose its night.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
