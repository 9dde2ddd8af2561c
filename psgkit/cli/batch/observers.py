"""Observers of a batch run: progress bar on a terminal, log file.

A line of the log is one JSON object.  Nights are called by their names in the outputs; no file
name, path or text of a recording gets in.  The terminal names files as the user does.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.cohort.ledger import LedgerRow
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.new_files import is_full, opened_to_append

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from psgkit.cohort.ledger import LedgerRow
    from psgkit.cohort.plan.plan import Plan
    from psgkit.cohort.plan.sources import FoundNights
    from psgkit.cohort.run.engine import Stop


class TerminalObserver(AbstractContextManager["TerminalObserver"]):
    """Shows a bar on standard error if that is a terminal; else only the log is written."""

    def __init__(self, log: "RunLog | None") -> None:
        self._log = log
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._failed_n = 0
        self._undo = ExitStack()
        self._names: dict[str, str] = {}
        self.kinds: Counter[str] = Counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def planned(self, found: "FoundNights", plan: "Plan") -> None:
        """Begin the bar; remember what the user calls the nights."""
        self._names = {night.night_id: night.known_as for night in found.nights}
        if self._log is not None:
            self._log.write(
                "start",
                psgkit=__version__,
                source=found.kind,
                nights_n=len(found.nights),
                to_do_n=len(plan.steps),
                done_n=plan.done_n,
                failed_n=plan.failed_n,
            )
        if not sys.stderr.isatty() or not plan.steps:
            return
        self._bar = self._undo.enter_context(_bar())
        self._task = self._bar.add_task("nights", total=len(plan.steps), failed=0, rate="")

    def night(self, row: "LedgerRow") -> None:
        """Move the bar; say why a night failed."""
        if self._log is not None:
            self._log.night(row)
        is_failed = row.state != "done"
        self._failed_n += is_failed
        if self._bar is None or self._task is None:
            return
        if is_failed:
            self.line(row.as_called(self._names))
        task = self._bar.tasks[0]
        per_minute = f"{60 * task.speed:.0f}/min" if task.speed else ""
        self._bar.update(self._task, advance=1, failed=self._failed_n, rate=per_minute)

    def lost(self, night_id: str, worker: str) -> None:
        """Say that a worker was lost with a night."""
        if self._log is not None:
            self._log.write("worker_lost", night_id=night_id, worker=worker)
        self.line(f"{self._names.get(night_id, night_id)}: its worker ended; it is tried once more")

    def said(self, text: str) -> None:
        """Say something about workers."""
        if self._log is not None:
            self._log.write("workers", message=text)
        self.line(text, always=True)

    def line(self, text: str, *, always: bool = False) -> None:
        """Write a line above the bar; without a terminal only if it must be read."""
        from psgkit.document.outside_text import visible

        if self._bar is not None:
            self._bar.console.print(visible(text), markup=False, highlight=False, soft_wrap=True)
        elif always or sys.stderr.isatty():
            sys.stderr.write(f"psgkit: {visible(text)}\n")


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} failed"),
        console=Console(stderr=True),
    )


@contextmanager
def stopping_on_signals(stop: "Stop", watch: TerminalObserver) -> Iterator[None]:
    """Stop after the nights at work on the first SIGINT or SIGTERM, at once on the second."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_asked:
            raise KeyboardInterrupt
        stop.is_asked = True
        again = " (once more: at once)" if number == signal.SIGINT else ""
        watch.line(f"stopping when the nights at work are done{again}", always=True)

    before = {which: signal.signal(which, on_signal) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


class RunLog(AbstractContextManager["RunLog"]):
    """An open log; every line is written out at once.

    Raises
    ------
    SettingsError
        If the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._said():
            self._file = os.fdopen(opened_to_append(path), "a", encoding="utf-8")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._said():
            self._file.close()

    def write(self, what: str, **facts: Any) -> None:  # noqa: ANN401 - plain values
        """Write one line: the time, what happened, and facts about it."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": what}
        with self._said():
            self._file.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
            self._file.flush()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say what is wrong with the file, such as a full disk."""
        try:
            yield
        except OSError as error:
            found = error.strerror or "an error"
            kind = PsgkitError if is_full(error) else SettingsError
            raise kind(f"--log {self._path}", found, "a file that takes more") from None

    def night(self, row: LedgerRow) -> None:
        """Write how a night ended."""
        self.write(
            "night",
            night_id=row.night_id,
            state=row.state,
            kind=row.kind,
            reason=row.reason,
            seconds=None if row.seconds is None else round(row.seconds, 3),
            peak_bytes=row.peak_bytes,
            host=row.host,
        )
