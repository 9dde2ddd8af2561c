"""What happens in a batch, a line of JSON each, for programs that watch it.

Nights are called by their names in the outputs; no file name, no path and no text of a recording
gets in.
"""

import json
from contextlib import AbstractContextManager
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
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--log {path}", error.strerror or "an error", "a file") from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, what: str, **facts: Any) -> None:  # noqa: ANN401 - plain values
        """Write one line: the time, what happened, and facts about it."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": what}
        self._file.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
        self._file.flush()

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
