"""Signs of life on a terminal; silence in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Show that ``what`` is going on, on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error, if that is a terminal; give the function that moves it."""
    if not sys.stderr.isatty() or total <= 1:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def printed_width() -> int:
    """Return how wide a report is printed: as the terminal, from 60 to 110; 100 into a file."""
    import shutil

    if not sys.stdout.isatty():
        return 100
    return min(max(shutil.get_terminal_size().columns, 60), 110)
