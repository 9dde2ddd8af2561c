"""The review file: one JSON line a change, on the disk before the change is answered.

The first line holds the scoring as it was found, so that a file can be read, compared and applied
without its recording.  Every later line says who did what and when, and what was there before and
after.  Undo is a line, too: nothing is ever taken out of the file.

A power cut can leave half a line at the end.  ``open_for_review`` moves it into a file beside the
review and says so; a reader says so and leaves the file alone.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psgkit._version import __version__
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.errors import InputFileError, ReviewError
from psgkit.io.files import open_regular
from psgkit.io.new_files import opened_to_append, sync_names
from psgkit.io.text.read import file_name
from psgkit.review import fields
from psgkit.review.marks import Edit, Scoring, edit_from, scoring_from

if TYPE_CHECKING:
    from filelock import BaseFileLock

SCHEMA = "psgkit.review/1"
SUFFIX = ".jsonl"
MOST_BYTES = 256 * 2**20
"""A night with 3,000 movements begins with 1 MB and grows by 1 kB a change."""
_WRITABLE = "a review file that can be written"
_WANTED = "a review file, as psgkit review writes it"
_TYPES = ("start", "opened", "change", "undo", "redo", "signed")
_NAME_N = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedNight:
    """Which recording was reviewed, and by which settings it was scored.

    Attributes
    ----------
    file, sha256, start : str, str or None, datetime or None
    duration_s : float
    rules : str
        Name of the rule set.
    settings_digest : str
        Digest of all settings.
    blind : bool
        Whether the movements that psgkit had found were hidden.
    """

    file: str
    sha256: str | None
    start: datetime | None
    duration_s: float
    rules: str = ""
    settings_digest: str = ""
    blind: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the night as the first line of a review file holds it."""
        return {
            "recording": {
                "file": self.file,
                "sha256": self.sha256,
                "start": self.start.isoformat() if self.start else None,
                "duration_s": self.duration_s,
            },
            "rules": self.rules,
            "settings_digest": self.settings_digest,
            "blind": self.blind,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """Who signed the review, and when."""

    by: str
    at: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Review:
    """The content of a review file.

    Attributes
    ----------
    name : str
        Of the file.
    night : ReviewedNight
    base, now : Scoring
        Before any change, and after all.
    done, undone : tuple of (Edit, Edit)
        Each change and its inverse, for undo and redo; the last one is next.
    scorers : tuple of str
        Everyone who opened or changed it, in order.
    last : (str, str)
        Who opened it last, and when.
    signed : Signature or None
        None if anything changed since.
    sides : tuple of str
        Of a consensus: digests of the two reviews with which it began.
    findings : tuple of Finding
    """

    name: str
    night: ReviewedNight
    base: Scoring
    now: Scoring
    done: tuple[tuple[Edit, Edit], ...] = ()
    undone: tuple[tuple[Edit, Edit], ...] = ()
    scorers: tuple[str, ...] = ()
    last: tuple[str, str] = ("", "")
    signed: Signature | None = None
    sides: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def now_text() -> str:
    """Return the time of now as review files hold it: UTC, to the millisecond."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_review_file(path: str | os.PathLike[str]) -> bool:
    """Return whether a file begins as a review file does."""
    try:
        with open_regular(path) as file:
            return f'"schema":"{SCHEMA}"'.encode() in file.read(200).replace(b" ", b"")
    except OSError:
        return False


def read_review(path: str | os.PathLike[str]) -> Review:
    """Return what a review file says.

    Raises
    ------
    InputFileError
        If it cannot be read or is no review file.
    ReviewError
        If a line is wrong: number of the line, field, found, wanted.
    """
    content, torn = whole_lines(path)
    review = review_from(content, file_name(path))
    if not torn:
        return review
    message = translatable(
        f"its last line is not complete ({len(torn)} bytes): that change was lost and is left out"
    )
    finding = Finding("warning", "review.torn", review.name, message)
    return replace(review, findings=(*review.findings, finding))


def whole_lines(path: str | os.PathLike[str]) -> tuple[list[bytes], bytes]:
    """Return the complete lines of a file, and what follows the last one.

    Raises
    ------
    InputFileError
        If the file cannot be read or is too large.
    """
    try:
        size = Path(path).stat().st_size
        if size > MOST_BYTES:
            wanted = f"a review file of at most {MOST_BYTES // 2**20} MB"
            raise InputFileError(file_name(path), f"{size // 2**20} MB", wanted)
        with open_regular(path) as file:
            content = file.read()
    except OSError as error:
        raise InputFileError(file_name(path), error.strerror or str(error), _WANTED) from None
    *lines, rest = content.split(b"\n")
    if not rest and lines and not _is_json(lines[-1]) and len(lines) > 1:
        rest = lines.pop() + b"\n"
    return lines, rest


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def review_from(lines: list[bytes], name: str) -> Review:
    """Return the review that some lines describe; parameters and errors as in ``read_review``."""
    if not lines:
        raise InputFileError(name, "no complete line", _WANTED)
    replay: _Replay | None = None
    for number, line in enumerate(lines, start=1):
        where = f"{name}, line {number}"
        row = _row_of(line, where)
        if replay is None:
            replay = _Replay(name, row, where)
            continue
        kind = fields.one_of(row.get("type"), f"{where}: type", _TYPES)
        if kind == "start":
            replay.start(row, where)
        else:
            replay.take(kind, row, where)
    if replay is None:
        raise InputFileError(name, "no complete line", _WANTED)
    return replay.review()


def _row_of(line: bytes, where: str) -> Mapping[str, Any]:
    def no_number(word: str) -> float:
        raise ReviewError(where, word, "a finite number")

    try:
        row = json.loads(line.decode("utf-8"), parse_constant=no_number)
    except UnicodeDecodeError:
        raise ReviewError(where, "bytes that are no UTF-8", "a line of JSON") from None
    except (ValueError, RecursionError) as error:
        raise ReviewError(where, f"no JSON ({str(error)[:80]})", "a line of JSON") from None
    return fields.table(row, where)


class _Replay:
    """Follows a review line by line."""

    def __init__(self, name: str, row: Mapping[str, Any], where: str) -> None:
        if row.get("type") != "start" or row.get("schema") != SCHEMA:
            found = fields.shown(row.get("schema", row.get("type")))
            raise InputFileError(where, f"schema {found}", f"{SCHEMA}: {_WANTED}")
        self.name = name
        self.scorers: dict[str, None] = {}
        self.start(row, where)

    def start(self, row: Mapping[str, Any], where: str) -> None:
        """Begin with a scoring; a second start replaces it, as the night was detected anew."""
        self._who(row, where)
        self.night = _night_from(row, where)
        self.base = scoring_from(row.get("base"), f"{where}: base")
        self.now = scoring_from(row["now"], f"{where}: now") if "now" in row else self.base
        self.done: list[tuple[Edit, Edit]] = []
        self.undone: list[tuple[Edit, Edit]] = []
        self.signed: Signature | None = None
        sides = fields.rows(row.get("consensus", []), f"{where}: consensus")
        self.sides = tuple(fields.text(one, f"{where}: consensus", _NAME_N) for one in sides)

    def take(self, kind: str, row: Mapping[str, Any], where: str) -> None:
        """Follow one line."""
        who, when = self._who(row, where)
        if kind == "opened":
            self.last = who, when
            return
        if kind == "signed":
            said = fields.text(row.get("comment", ""), f"{where}: comment")
            self.signed = Signature(by=who, at=when, comment=said)
            return
        before = edit_from(row.get("before"), f"{where}: before")
        after = edit_from(row.get("after"), f"{where}: after")
        self._check(before, after, where)
        self.signed = None
        self.now = after.applied(self.now)
        if kind == "change":
            self.done.append((after, before))
            self.undone = []
            return
        source, target = (self.done, self.undone) if kind == "undo" else (self.undone, self.done)
        if not source:
            raise ReviewError(where, f"{kind} of nothing", "a change before it")
        target.append(source.pop())

    def _check(self, before: Edit, after: Edit, where: str) -> None:
        """Raise unless the line says truly what was there before it."""
        if after.stages is not None:
            first, codes = after.stages
            if first + len(codes) > len(self.now.stages.codes):
                found = f"{len(codes)} stages from epoch {first}"
                wanted = f"stages of the {len(self.now.stages.codes)} epochs of the night"
                raise ReviewError(f"{where}: after: stages", found, wanted)
        if after.inverse(self.now) != before:
            raise ReviewError(
                f"{where}: before",
                "another state than the lines above lead to",
                "what was there before the change",
                "The file was edited, or two programs wrote to it at once.",
            )

    def _who(self, row: Mapping[str, Any], where: str) -> tuple[str, str]:
        who = fields.text(row.get("who"), f"{where}: who", _NAME_N)
        when = fields.text(row.get("when"), f"{where}: when", _NAME_N)
        try:
            datetime.fromisoformat(when)
        except ValueError:
            wanted = "a time such as 2026-03-01T07:30:00Z"
            raise ReviewError(f"{where}: when", fields.shown(when), wanted) from None
        self.scorers[who] = None
        self.last = who, when
        return who, when

    def review(self) -> Review:
        """Return the review after all lines."""
        return Review(
            name=self.name,
            night=self.night,
            base=self.base,
            now=self.now,
            done=tuple(self.done),
            undone=tuple(self.undone),
            scorers=tuple(self.scorers),
            last=self.last,
            signed=self.signed,
            sides=self.sides,
        )


def _night_from(row: Mapping[str, Any], where: str) -> ReviewedNight:
    recording = fields.table(row.get("recording"), f"{where}: recording")
    start, sha256 = recording.get("start"), recording.get("sha256")
    try:
        begins = (
            None
            if start is None
            else datetime.fromisoformat(fields.text(start, f"{where}: start", _NAME_N))
        )
    except ValueError:
        wanted = "a time such as 2026-03-01T23:05:00"
        raise ReviewError(f"{where}: start", fields.shown(start), wanted) from None
    blind = row.get("blind", False)
    if not isinstance(blind, bool):
        raise ReviewError(f"{where}: blind", fields.shown(blind), "true or false")
    return ReviewedNight(
        file=fields.text(recording.get("file"), f"{where}: file"),
        sha256=None if sha256 is None else fields.text(sha256, f"{where}: sha256", _NAME_N),
        start=begins,
        duration_s=fields.number(recording.get("duration_s"), f"{where}: duration_s", 0.0),
        rules=fields.text(row.get("rules", ""), f"{where}: rules", _NAME_N),
        settings_digest=fields.text(
            row.get("settings_digest", ""), f"{where}: settings_digest", _NAME_N
        ),
        blind=blind,
    )


@dataclass(kw_only=True, slots=True, eq=False)
class ReviewFile:
    """A review file open for writing; only one process can have it open.

    Attributes
    ----------
    path : Path
    scorer : str
        Who writes.
    """

    path: Path
    scorer: str
    _number: int
    _lock: "BaseFileLock"
    _open: bool = field(default=True)

    def append(self, kind: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Write a line, wait until it is on the disk, and return it.

        Raises
        ------
        InputFileError
            If it cannot be written, as on a full disk; what was written of it is taken back.
        """
        row = {"type": kind, "when": now_text(), "who": self.scorer, **values}
        if kind == "start":
            row = {"schema": SCHEMA, **row, "psgkit": {"version": __version__}}
        line = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        content = line.encode() + b"\n"
        size = os.lseek(self._number, 0, os.SEEK_END)
        try:
            while content:
                content = content[os.write(self._number, content) :]
            os.fsync(self._number)
        except OSError as error:
            os.ftruncate(self._number, size)
            found = f"a change that could not be written ({error.strerror})"
            raise InputFileError(file_name(self.path), found, "room on the disk") from error
        return row

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        if self._open:
            self._open = False
            os.close(self._number)
            self._lock.release()


def open_for_review(
    path: Path, scorer: str, *, anew: bool = False
) -> tuple[ReviewFile, Review | None]:
    """Return a review file open for writing, and what it says if it is not new.

    Half a line at its end is moved to a file beside it (``.torn``), and a finding says so.  With
    ``anew`` the file that is there gets another name, and an empty one takes its place.

    Raises
    ------
    InputFileError
        If another window or scorer has it open, or it cannot be read or made.
    ReviewError
        If a line is wrong.
    """
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        lock.acquire(timeout=0)
    except Timeout:
        raise _open_elsewhere(path) from None
    except OSError as error:
        found = error.strerror or str(error)
        raise InputFileError(str(path), found, _WRITABLE) from None
    try:
        if anew and path.exists():
            path.rename(_free_name(path))
        number = opened_to_append(path)
    except OSError as error:
        lock.release()
        found = error.strerror or str(error)
        raise InputFileError(str(path), found, _WRITABLE) from None
    try:
        sync_names(path.parent)
        review = _mended(path, number) if os.fstat(number).st_size else None
    except OSError as error:
        found = error.strerror or str(error)
        raise _given_back(number, lock, InputFileError(str(path), found, _WRITABLE)) from None
    except (InputFileError, ReviewError) as error:
        raise _given_back(number, lock, error) from None
    return ReviewFile(path=path, scorer=scorer, _number=number, _lock=lock), review


def _free_name(path: Path) -> Path:
    """Return the name under which a review is kept when another begins."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())


def _open_elsewhere(path: Path) -> InputFileError:
    who, when = "someone", ""
    for row in _tail(path):
        who, when = str(row.get("who", who)), str(row.get("when", when))
    return InputFileError(
        file_name(path),
        f"a review that is open in another window (last change by {who}{when and f', {when}'})",
        "one window at a time",
        "Close that window, or write another review with --scorer NAME.",
    )


def _tail(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the last complete line of a file that another process writes."""
    try:
        lines, _ = whole_lines(path)
        yield _row_of(lines[-1], path.name)
    except (InputFileError, ReviewError, IndexError):
        return


def _given_back(number: int, lock: Any, error: Exception) -> Exception:  # noqa: ANN401
    """Return the error after the file and its lock were released."""
    os.close(number)
    lock.release()
    return error


def _mended(path: Path, number: int) -> Review | None:
    """Return what a file says, after half a line at its end was moved beside it."""
    lines, torn = whole_lines(path)
    if torn:
        with os.fdopen(opened_to_append(path.with_name(f"{path.name}.torn")), "ab") as aside:
            aside.write(torn + b"\n")
            aside.flush()
            os.fsync(aside.fileno())
    if not lines:
        if torn and not torn.lstrip().startswith(b"{"):
            raise InputFileError(file_name(path), "no complete line", _WANTED)
        os.ftruncate(number, 0)
        return None
    review = review_from(lines, file_name(path))
    if not torn:
        return review
    os.ftruncate(number, sum(len(line) + 1 for line in lines))
    message = translatable(
        f"its last line was not complete ({len(torn)} bytes, a change that a crash cut off): it is "
        f"kept in {path.name}.torn"
    )
    finding = Finding("warning", "review.torn", review.name, message)
    return replace(review, findings=(*review.findings, finding))
