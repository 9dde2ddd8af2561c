"""The server of a review: one page, for one person, on this computer.

It listens on 127.0.0.1 only.  The URL that is printed holds a secret; opening it sets a cookie that
other sites cannot use, and every later request needs it.  ``psgkit.review.app`` says which requests
are let through.
"""

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

from psgkit.errors import InputFileError
from psgkit.extras import require
from psgkit.review.app import app_of
from psgkit.review.montage import MONTAGE_FILE
from psgkit.review.pyramid import import_filters
from psgkit.review.served import ReviewServer, Session


def serve(session: Session, port: int = 0, *, browser: bool = True) -> None:
    """Serve the page of a review until its button, or Ctrl-C, ends it.

    The first line of standard output is its address, with the secret.  Every change is on the disk
    before it is answered, so that nothing is lost however this ends.

    Parameters
    ----------
    session : Session
    port : int
        0 takes a free one.
    browser : bool
        Whether to open a window.

    Raises
    ------
    InputFileError
        If the port is taken.
    MissingExtraError
        If starlette or uvicorn is not installed.
    """
    listening = _listening(port)
    server = ReviewServer(
        session=session, port=listening.getsockname()[1], montage_path=_montage_path(session)
    )
    running = _uvicorn_of(server)
    try:
        with _stopped_by_interrupt(server.stop):
            _announce(server.url, browser=browser)
            running.run(sockets=[listening])
    finally:
        session.close()


def _announce(url: str, *, browser: bool) -> None:
    """Print the address, and open it."""
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    # the page asks for signals within a second: the library of filters is loaded meanwhile
    Thread(target=import_filters, daemon=True).start()
    if browser:
        import webbrowser

        # in a thread: some browsers keep the call until they are closed
        Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        # before the address is printed: who opens it at once waits and is not refused
        listening.listen(64)
    except (OSError, OverflowError) as error:
        listening.close()
        found = f"{port}, which cannot be used ({error})"
        raise InputFileError("port", found, "a free port; leave out --port to have one") from error
    return listening


def _uvicorn_of(server: ReviewServer) -> Any:  # noqa: ANN401 - optional package
    for library in ("starlette", "uvicorn"):
        require(library)
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to ``serve``."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Take no signals."""
            yield

    config = uvicorn.Config(
        app_of(server),
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=3,
        ws="none",
    )
    running = Server(config)
    server.stop = lambda: setattr(running, "should_exit", True)
    return running


@contextmanager
def _stopped_by_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at Ctrl-C, or when the process is asked to end."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop()

    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, on_signal) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _montage_path(session: Session) -> Path | None:
    return None if session.file is None else Path(session.file.path).with_name(MONTAGE_FILE)
