"""The nights of a batch as its ledgers know them: one ledger, or one a shard."""

import hashlib
import heapq
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path

from psgkit.cohort.ledger import LedgerRow, ledger_paths, reading
from psgkit.errors import InputFileError

_BEST_FIRST = ("done", "failed", "set_aside", "pending")


@contextmanager
def nights_of(out: Path) -> Iterator[Iterator[LedgerRow]]:
    """Open all ledgers of a batch and give every night once, in the order of ``night_id``.

    A night that several shards know (they were counted anew) is taken from the one that got
    furthest with it.

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
    """A digest of what the ledgers say, which changes when a night does."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, row: LedgerRow) -> None:
        """Take one more night into account."""
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
