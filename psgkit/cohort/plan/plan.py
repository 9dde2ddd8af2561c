"""Plan of a batch: which nights of the source still have to be analysed, by the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from psgkit.cohort.ledger import KnownFile, LedgerRow
from psgkit.cohort.plan.content import contents_of, key_of, remembered_contents
from psgkit.cohort.plan.planned import PlannedNight
from psgkit.core.dataclass import dataclass

MOST_STARTS_N = 2
"""Workers, or processes, that one night may end; then it is set aside."""
ENDED_TWO = "it ended two workers: too little memory, or a fault of a library"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Results of earlier runs.

    Attributes
    ----------
    rows : mapping of night_id to LedgerRow
    files : mapping of str to KnownFile
    folders : set of str
        Nights whose folder exists.
    """

    rows: Mapping[str, LedgerRow]
    files: Mapping[str, KnownFile]
    folders: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A night to be analysed.

    Attributes
    ----------
    night : PlannedNight
    row : LedgerRow
        Its row in the ledger at the start of the run.
    known_key : str
        Key of an existing result, which is kept if the files have the same content.
    """

    night: PlannedNight
    row: LedgerRow
    known_key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Nights still to be analysed.

    Attributes
    ----------
    steps : tuple of Step
    set_aside : tuple of PlannedNight
        Nights that ended this process too often and are not started again.
    renamed : tuple of LedgerRow
        Finished nights whose entries in the manifest were changed.
    done_n, failed_n : int
        Nights whose result or failure is kept.
    """

    steps: tuple[Step, ...]
    set_aside: tuple[PlannedNight, ...]
    renamed: tuple[LedgerRow, ...]
    done_n: int
    failed_n: int


Again = Literal["missing", "failed", "all"]
"""Which nights are done again: those without a result, failed ones too, or all."""


def plan_nights(
    nights: Iterable[PlannedNight], known: Known, settings: str, again: Again = "missing"
) -> Plan:
    """Return the nights still to be analysed.

    A night keeps its result if the bytes of its files, the settings and the version are unchanged.
    Files of known size and modification time are not read.

    Parameters
    ----------
    nights : iterable of PlannedNight
    known : Known
    settings : str
        Digest of the settings.
    again : {"missing", "failed", "all"}
    """
    steps, ended_two, renamed = [], [], []
    kept: list[LedgerRow] = []
    for night in nights:
        row = known.rows.get(night.night_id)
        if row is None or again == "all":
            steps.append(Step(night=night, row=LedgerRow(identity=night.identity, state="pending")))
        elif _stands(night, row, known, settings, again):
            kept.append(row)
            if row.identity != night.identity:
                renamed.append(replace(row, identity=night.identity))
        elif row.starts_n >= MOST_STARTS_N and again == "missing":
            ended_two.append(night)
        else:
            steps.append(_step(night, row, known, again))
    # nights that ended a worker come last, so that they disturb no other night
    return Plan(
        steps=tuple(sorted(steps, key=lambda step: step.row.starts_n)),
        set_aside=tuple(ended_two),
        renamed=tuple(renamed),
        done_n=sum(row.state == "done" for row in kept),
        failed_n=sum(row.state != "done" for row in kept) + len(ended_two),
    )


def _stands(night: PlannedNight, row: LedgerRow, known: Known, settings: str, again: Again) -> bool:
    """Return whether the existing result is known to be current, without reading a file."""
    if row.state == "pending" or (again == "failed" and row.state != "done"):
        return False
    if row.state == "done" and night.night_id not in known.folders:
        return False
    contents = remembered_contents(night, known.files)
    return contents is not None and key_of(night, contents, settings) == row.key


def _step(night: PlannedNight, row: LedgerRow, known: Known, again: Again) -> Step:
    """Return the step of a night, with its known key if only its files may have changed."""
    is_there = row.state == "done" and night.night_id in known.folders
    is_known = is_there or (row.state in ("failed", "set_aside") and again == "missing")
    starts_n = row.starts_n if again == "missing" else 0
    return Step(
        night=night,
        row=replace(row, identity=night.identity)
        if is_known
        else LedgerRow(identity=night.identity, state="pending", starts_n=starts_n),
        known_key=row.key if is_known else "",
    )


def set_aside(night: PlannedNight, settings: str) -> tuple[LedgerRow, Mapping[str, KnownFile]]:
    """Return the row of a night that ended too many workers, and the digests of its files."""
    contents = contents_of(night)
    row = LedgerRow(
        identity=night.identity,
        state="set_aside",
        key=key_of(night, contents, settings),
        kind="KilledWorker",
        reason=ENDED_TWO,
    )
    return row, contents.known


def shard_of(nights: Sequence[PlannedNight], number: int, of_n: int) -> list[PlannedNight]:
    """Return the nights of shard ``number`` (from 1) of ``of_n``; every night is in exactly one.

    The shard depends on the name of the night alone, so that an added night moves no other.

    Examples
    --------
    >>> shard_of([], 1, 4)
    []
    """
    return [night for night in nights if _number_of(night.night_id, of_n) == number]


def _number_of(name: str, of_n: int) -> int:
    from hashlib import sha256

    return int.from_bytes(sha256(name.encode()).digest()[:8]) % of_n + 1
