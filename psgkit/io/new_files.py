"""New files that are complete or absent, also after a power cut, and never lead elsewhere.

Content is written under a fresh hidden name in the folder of the target, so that no symbolic link
is followed.  It is on the disk before the file gets its name, and the name is on the disk before
the function returns: what is recorded afterwards, as in the ledger of a batch, is true.
"""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

PART = ".part"


def part_of(target: Path) -> Path:
    """Return a fresh hidden name beside ``target``."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Yield the path to write to; it gets the name ``target`` if the block ends without error.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with new_file(Path(folder) / "night.txt") as part:
    ...         _ = part.write_text("whole")
    ...     [path.name for path in Path(folder).iterdir()]
    ['night.txt']
    """
    part = part_of(target)
    with _naming(target), ExitStack() as undo:
        undo.callback(part.unlink, missing_ok=True)
        yield part
        put_in_place([(part, target)])


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Let an error of a full disk name the file that has no room: the system may name none."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            error.filename = str(target)
        raise


_WRITTEN: list[dict[Path, None]] = []
"""Files that got their names in each block of ``noting_files``."""


@contextmanager
def noting_files() -> Iterator[dict[Path, None]]:
    """Yield a mapping whose keys are the files that get their names in this block, in order."""
    _WRITTEN.append({})
    try:
        yield _WRITTEN[-1]
    finally:
        _WRITTEN.pop()


def _note(targets: Iterable[Path]) -> None:
    for noted in _WRITTEN:
        noted.update(dict.fromkeys(targets))


def put_in_place(parts: Iterable[tuple[Path, Path]]) -> list[Path]:
    """Give complete files their names, in this order, and return the targets.

    Parameters
    ----------
    parts : iterable of (Path, Path)
        File as written, and target in the same folder.

    Raises
    ------
    OSError
        If a target is a pipe, a socket or a device, such as /dev/null: it is not replaced.
    """
    pairs = list(parts)
    for _, target in pairs:
        _refuse_special(target)
    for part, _ in pairs:
        sync(part)
    targets = [part.replace(target) for part, target in pairs]
    _note(targets)
    for folder in dict.fromkeys(target.parent for target in targets):
        sync_names(folder)
        _sweep(folder, {target.name for target in targets})
    return targets


_STALE_S = 3600.0
"""Age from which a hidden file is one of a process that was killed; psgkit's own choice."""


def _sweep(folder: Path, names: set[str]) -> None:
    """Remove what killed processes left of files of these names: half a report is one, too."""
    with os.scandir(folder) as entries:
        found = [(one.name, one.path) for one in entries if one.name.endswith(PART)]
    for hidden, path in found:
        name = hidden.removeprefix(".").removesuffix(PART).rpartition(".")[0]
        with suppress(FileNotFoundError):
            if name in names and time.time() - os.lstat(path).st_mtime > _STALE_S:
                os.unlink(path)  # noqa: PTH108 - a name of scandir


def _refuse_special(target: Path) -> None:
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, f"{target.name}, a pipe or device", str(target))


def write_once(target: Path, content: bytes) -> None:
    """Write a file where nothing may be, not even a link that leads nowhere.

    Raises
    ------
    FileExistsError
        If something has that name.
    """
    with _naming(target), ExitStack() as undo:
        # closing a file writes what is left of it: it is removed after that
        file = target.open("xb")
        undo.callback(target.unlink, missing_ok=True)
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        undo.pop_all()
    _note([target])
    sync_names(target.parent)


def opened_to_append(path: Path) -> int:
    """Return the number of a file opened for reading and appending, made if it is not there.

    Raises
    ------
    OSError
        If it is a symbolic link, which is not followed, or a pipe or device, which could wait.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, f"a symbolic link to {path.readlink()}", str(path))
    flags = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")  # no system has them all
    careful = sum(getattr(os, name, 0) for name in flags)
    number = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | careful, 0o666)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "a pipe or device", str(path))
    return number


def sync(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    number = os.open(path, os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_names(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_folder(folder: Path) -> None:
    """Wait until a folder with everything in it is on the disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_names(path)
        else:
            sync(path)
    sync_names(folder)


_UMASKS: list[int] = []
"""Umask of the owner outside of each block of ``private_files``."""
PRIVATE = 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Let only their owner read the files and folders that are made in this block."""
    _UMASKS.append(os.umask(PRIVATE))
    try:
        yield
    finally:
        os.umask(_UMASKS.pop())


def share_files(*, wanted: bool) -> None:
    """Let the umask of the owner decide about new files again, if wanted, until the block ends."""
    if wanted and _UMASKS:
        os.umask(_UMASKS[-1])


def umask_now() -> int:
    """Return the umask of this process."""
    umask = os.umask(PRIVATE)
    os.umask(umask)
    return umask


@contextmanager
def with_umask(umask: int | None) -> Iterator[None]:
    """Make files in this block with the umask of another process; None changes nothing."""
    if umask is None:
        yield
        return
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)


FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Errors of a disk, a quota or a limit of file sizes that is reached."""


def is_full(error: BaseException | None) -> bool:
    """Return whether an error says that nothing more can be written.

    Examples
    --------
    >>> is_full(OSError(errno.ENOSPC, "No space left on device")), is_full(OSError(2, "none"))
    (True, False)
    """
    # sqlite3 has its own error, without a number
    said = type(error).__module__ == "sqlite3" and "disk is full" in str(error)
    return said or (isinstance(error, OSError) and error.errno in FULL)


def disk_error(error: BaseException | None) -> BaseException | None:
    """Return the error of a full disk that an error arose from, None if there is none.

    Examples
    --------
    >>> full, other = OSError(errno.ENOSPC, "No space left on device"), ValueError("other")
    >>> other.__cause__ = full
    >>> disk_error(other) is full, disk_error(full) is full, disk_error(ValueError()) is None
    (True, True, True)
    """
    while error is not None and not is_full(error):
        error = error.__cause__ or error.__context__
    return error
