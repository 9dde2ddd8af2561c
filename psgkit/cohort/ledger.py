"""Ledger of a cohort: the state of every night, in one SQLite file.

Only the main process of a batch writes it, one transaction a change, so that a killed run loses
the nights in progress and no finished one.  It holds hashes of paths, no file name and no path.
"""

import hashlib
import heapq
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args

from psgkit.cohort.plan.night_identity import NightIdentity
from psgkit.core.dataclass import dataclass
from psgkit.errors import InputFileError

State = Literal["pending", "done", "failed", "set_aside"]
STATES: tuple[State, ...] = get_args(State)
LEDGER_VERSION = 3
BUSY_S = 30.0
"""How long a reader waits for a writer, or the other way round."""
GOES_ON = "Finished nights are kept; run the same command again to continue."
ROWS_AT_ONCE = 1000
"""Nights that are read in one go; other processes may write between two of them."""
Journal = Literal["WAL", "DELETE"]
"""How SQLite keeps a change until it is whole: beside the file, where readers and a writer never
wait for each other but all must be on one machine; or in the older way that works across machines,
wherever their locks do."""

_PROTOCOL = "protocol TEXT NOT NULL DEFAULT 'night'"
_RESULTS = "results TEXT NOT NULL DEFAULT ''"
_LATER = {"protocol": _PROTOCOL, "results": _RESULTS}
"""Columns that ledgers of earlier versions lack."""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS nights (
    night_id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    session TEXT NOT NULL,
    recording TEXT NOT NULL,
    extra TEXT NOT NULL,
    state TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL,
    peak_bytes INTEGER,
    host TEXT NOT NULL,
    starts_n INTEGER NOT NULL,
    {_PROTOCOL},
    {_RESULTS}
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    place TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    name_hash TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRow:
    """One night in the ledger.

    Attributes
    ----------
    identity : NightIdentity
    state : {"pending", "done", "failed", "set_aside"}
        ``set_aside``: it ended two workers, or this process twice, and is retried only on request.
    key : str
        Digest of files, settings and version, which decide the result; empty while pending.
    kind : str
        Name of the error, empty unless the night failed.
    reason : str
        Message of the error, without file names.
    seconds, peak_bytes : float, int or None
        Time and peak memory of the analysis; None unless it ended.
    host : str
        Where it was analysed.
    starts_n : int
        How often it was started and did not end.
    results : str
        Which files its folder holds, see ``cohort.results``; empty unless done.
    """

    identity: NightIdentity
    state: State
    key: str = ""
    kind: str = ""
    reason: str = ""
    seconds: float | None = None
    peak_bytes: int | None = None
    host: str = ""
    starts_n: int = 0
    results: str = ""

    @property
    def night_id(self) -> str:
        """Return the name of the night."""
        return self.identity.night_id

    def as_called(self, names: Mapping[str, str]) -> str:
        """Return a night and its reason for the terminal, by the name that its user knows.

        Parameters
        ----------
        names : mapping of night_id to str

        Examples
        --------
        >>> from psgkit.cohort.plan.night_identity import NightIdentity
        >>> night = NightIdentity(night_id="0a1b", recording="0a1b.edf")
        >>> row = LedgerRow(identity=night, state="failed", reason="0a1b.edf: found 12 bytes")
        >>> row.as_called({"0a1b": "Smith.edf"}), row.as_called({})
        ('Smith.edf (0a1b): found 12 bytes', '0a1b: 0a1b.edf: found 12 bytes')
        """
        name = names.get(self.night_id, self.night_id)
        if name == self.night_id:
            return f"{name}: {self.reason}"
        return (
            f"{name} ({self.night_id}): {self.reason.removeprefix(f'{self.identity.recording}: ')}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFile:
    """Size, time of change and digests of a file when it was read.

    ``name_hash`` follows from its length and both ends, see ``content.name_hash_of``.
    """

    size_bytes: int
    changed_ns: int
    sha256: str
    name_hash: str


class Ledger:
    """An open ledger; see ``writing`` and ``reading``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self) -> Iterator[LedgerRow]:
        """Yield every night in the order of ``night_id``, in its state when it is read."""
        after = ""
        if not self._has_tables():
            return
        while True:
            cursor = self._connection.execute(
                "SELECT * FROM nights WHERE night_id > ? ORDER BY night_id LIMIT ?",
                (after, ROWS_AT_ONCE),
            )
            columns = [column[0] for column in cursor.description]
            found = cursor.fetchall()
            if not found:
                return
            for cells in found:
                row = _row_of(dict(zip(columns, cells, strict=True)))
                yield row
                after = row.night_id

    def known_files(self) -> dict[str, KnownFile]:
        """Return the known files by the hash of their paths."""
        if not self._has_tables():
            return {}
        cursor = self._connection.execute(
            "SELECT place, size_bytes, changed_ns, sha256, name_hash FROM files"
        )
        return {
            place: KnownFile(
                size_bytes=size, changed_ns=changed, sha256=sha256, name_hash=name_hash
            )
            for place, size, changed, sha256, name_hash in cursor
        }

    def _has_tables(self) -> bool:
        """Return whether the ledger has been set up: another process may be about to do so."""
        found = self._connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name IN ('nights', 'files')"
        )
        return bool(found.fetchone()[0] == len(("nights", "files")))

    def forget(self, night_ids: Iterable[str]) -> None:
        """Remove the rows of nights that the source no longer holds."""
        with self._connection:
            self._connection.executemany(
                "DELETE FROM nights WHERE night_id = ?", [(name,) for name in night_ids]
            )

    def forget_files(self, places: Iterable[str]) -> None:
        """Remove what is known of all files but those in these places."""
        wanted = set(places)
        with self._connection:
            self._connection.executemany(
                "DELETE FROM files WHERE place = ?",
                [(place,) for place in self.known_files() if place not in wanted],
            )

    def write(self, rows: Iterable[LedgerRow], files: Mapping[str, KnownFile]) -> None:
        """Replace the rows of these nights and files in one transaction."""
        nights = [_cells(row) for row in rows]
        known = [{"place": place, **asdict(file)} for place, file in files.items()]
        with self._connection:
            self._put("nights", nights)
            self._put("files", known)

    def started(self, night_id: str) -> None:
        """Record that a night was started in this process, before it can crash the process."""
        with self._connection:
            self._connection.execute(
                "UPDATE nights SET starts_n = starts_n + 1 WHERE night_id = ?", (night_id,)
            )

    def not_started(self, night_id: str) -> None:
        """Take back ``started`` for a night that was interrupted without a fault of the night."""
        with self._connection:
            self._connection.execute(
                "UPDATE nights SET starts_n = max(0, starts_n - 1) WHERE night_id = ?", (night_id,)
            )

    def _put(self, table: str, rows: list[dict[str, object]]) -> None:
        if rows:
            names = ", ".join(rows[0])
            values = ", ".join(f":{name}" for name in rows[0])
            # names of tables and columns are constants, every value is bound
            self._connection.executemany(
                f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({values})",
                rows,
            )


@contextmanager
def writing(path: Path, journal: Journal = "WAL") -> Iterator[Ledger]:
    """Open the ledger for writing; create it if it does not exist.

    Parameters
    ----------
    path : Path
    journal : {"WAL", "DELETE"}
        ``DELETE`` on a disk that other machines may read at the same time.

    Raises
    ------
    InputFileError
        If the file is no ledger, or one of a newer psgkit.
    """
    with _connected(path, f"{path.absolute().as_uri()}?mode=rwc") as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        if journal == "WAL":
            # a commit survives a crash of the process; a crash of the machine may lose the last
            # ones, which are then done again
            connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
        there = {row[1] for row in connection.execute("PRAGMA table_info(nights)")}
        for name, column in _LATER.items():
            if name not in there:
                connection.execute(f"ALTER TABLE nights ADD COLUMN {column}")
        connection.execute(f"PRAGMA user_version = {LEDGER_VERSION}")
        yield Ledger(connection)


@contextmanager
def reading(path: Path) -> Iterator[Ledger]:
    """Open the ledger for reading, also while a batch runs.

    Raises
    ------
    InputFileError
        If the file does not exist or is no ledger.
    """
    if not path.is_file():
        raise InputFileError(path.name, "no such file", "the ledger of a batch")
    # with write access SQLite recovers the journal of a killed writer; nothing else changes
    how = "mode=rw" if os.access(path, os.W_OK) else "mode=ro"
    how = "immutable=1" if _stands_still(path) else how
    with _connected(path, f"{path.absolute().as_uri()}?{how}") as connection:
        connection.execute("PRAGMA query_only = ON")
        yield Ledger(connection)


def _stands_still(path: Path) -> bool:
    """Return whether a ledger is on a read-only disk and no process is writing it.

    SQLite writes beside a file that it reads, unless the file is opened as immutable.
    """
    log = path.with_name(f"{path.name}-wal")
    waiting = log.is_file() and log.stat().st_size > 0
    return not waiting and not os.access(path.parent, os.W_OK)


def ledger_paths(out: Path) -> list[Path]:
    """Return the ledgers of a batch: one, or one for each shard."""
    return sorted([*out.glob("ledger.sqlite"), *out.glob("ledger-*-of-*.sqlite")])


@contextmanager
def _connected(path: Path, uri: str) -> Iterator[sqlite3.Connection]:
    """Open the file; raise ``InputFileError`` if it is no ledger."""
    if path.is_symlink():
        raise InputFileError(path.name, "a symbolic link", "a ledger in the folder of its batch")
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S)
    except sqlite3.Error as error:
        raise InputFileError(path.name, str(error), "a ledger that can be opened") from None
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > LEDGER_VERSION:
            found = f"a ledger of version {version}"
            raise InputFileError(path.name, found, f"version {LEDGER_VERSION}", "Update psgkit.")
        yield connection
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            wanted = "a writable disk with free space"
            raise InputFileError(path.name, str(error), wanted, GOES_ON) from None
        raise InputFileError(path.name, str(error), "a ledger that can be used") from None
    finally:
        connection.close()


def _row_of(values: dict[str, Any]) -> LedgerRow:
    identity = NightIdentity(
        night_id=values.pop("night_id"),
        subject=values.pop("subject"),
        session=values.pop("session"),
        recording=values.pop("recording"),
        extra=json.loads(values.pop("extra")),
        protocol=values.pop("protocol", "night"),  # version 1 knew nights alone
    )
    return LedgerRow(identity=identity, **values)


def _cells(row: LedgerRow) -> dict[str, object]:
    identity = row.identity
    return {
        "night_id": identity.night_id,
        "subject": identity.subject,
        "session": identity.session,
        "recording": identity.recording,
        "extra": json.dumps(dict(identity.extra), ensure_ascii=False),
        "state": row.state,
        "key": row.key,
        "kind": row.kind,
        "reason": row.reason,
        "seconds": row.seconds,
        "peak_bytes": row.peak_bytes,
        "host": row.host,
        "starts_n": row.starts_n,
        "protocol": identity.protocol,
        "results": row.results,
    }


_BEST_FIRST = ("done", "failed", "set_aside", "pending")


@contextmanager
def nights_of(out: Path) -> Iterator[Iterator[LedgerRow]]:
    """Open all ledgers of a batch and yield every night once, in the order of ``night_id``.

    A night in several ledgers (the number of shards was changed) is taken from the one in which
    it got furthest.

    Raises
    ------
    InputFileError
        If there is no ledger, or one that cannot be read.
    """
    paths = ledger_paths(out)
    if not paths:
        raise InputFileError(
            out.name,
            "no ledger",
            "the folder of a batch",
            "psgkit batch SOURCE --out DIR makes it.",
        )
    with ExitStack() as opened:
        shards = [opened.enter_context(reading(path)).rows() for path in paths]
        merged = heapq.merge(*shards, key=lambda row: row.night_id)
        same = groupby(merged, key=lambda row: row.night_id)
        yield (min(rows, key=lambda row: _BEST_FIRST.index(row.state)) for _, rows in same)


class Fingerprint:
    """Digest of all rows of the ledgers; it changes when any night changes."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, row: LedgerRow) -> None:
        """Add one night to the digest."""
        about = (row.night_id, row.state, row.key, row.kind, row.reason, repr(row.identity))
        self._digest.update(repr(about).encode("utf-8", "backslashreplace"))

    def hexdigest(self) -> str:
        """Return the digest of the nights so far."""
        return self._digest.hexdigest()


def fingerprint_of(out: Path) -> str:
    """Return the fingerprint of all nights of a batch."""
    found = Fingerprint()
    with nights_of(out) as nights:
        for row in nights:
            found.add(row)
    return found.hexdigest()
