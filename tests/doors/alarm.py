"""What turns a wait for a special file, or endless reading, into a failure."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def failing_after(seconds: int) -> Iterator[None]:
    """Fail if what is done inside takes longer."""

    def late(*_: object) -> None:
        raise AssertionError("a special file was opened and waited for")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
