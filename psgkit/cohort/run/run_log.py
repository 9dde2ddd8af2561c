"""What happens in a batch, a line of JSON each, for programs that watch it.

Nights are called by their names in the outputs; no file name, no path and no text of a recording
gets in.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from psgkit.cohort.ledger import LedgerRow
from psgkit.errors import SettingsError


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
            self._file = path.open("a", encoding="utf-8")

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
            raise SettingsError(f"--log {self._path}", found, "a file that takes more") from None

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
