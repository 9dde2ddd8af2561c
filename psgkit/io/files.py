"""First bytes and digests of files, and temporary files for unpacked data."""

import errno
import hashlib
import os
import stat
import tempfile
import weakref
from io import BufferedReader
from pathlib import Path
from threading import Lock

from psgkit.errors import InputFileError


def first_bytes(path: str | os.PathLike[str], limit: int, where: str, wanted: str) -> bytes:
    """Return at most ``limit`` bytes of a regular file; ``where`` and ``wanted`` are for messages.

    Raises
    ------
    InputFileError
        If there is no such file, it is a folder, a pipe or a device, or it cannot be read.
    """
    try:
        # opening a pipe or a device could wait for ever
        if not stat.S_ISREG(Path(path).stat().st_mode):
            kind = "a folder" if Path(path).is_dir() else "a pipe or device"
            raise InputFileError(where, kind, wanted)
        with Path(path).open("rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        advice = "Check the spelling and the folder."
        raise InputFileError(where, "no such file", wanted, advice) from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputFileError(where, reason.lower(), wanted) from error


_PACKED = {
    b"\x1f\x8b": ("gzip", "gunzip -k"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"BZh": ("bzip2", "bunzip2 -k"),
    b"\xfd7zXZ\x00": ("xz", "unxz -k"),
    b"\x28\xb5\x2f\xfd": ("zstd", "unzstd"),
    b"7z\xbc\xaf\x27\x1c": ("7z", "7z x"),
}
"""First bytes of packed files, and the command that unpacks one beside itself."""


def how_to_unpack(content: bytes, name: str) -> str:
    r"""Return the advice to unpack a file that begins with ``content``; empty if it is not packed.

    Examples
    --------
    >>> how_to_unpack(b"\x1f\x8b\x08\x00", "night.edf.gz")
    "It is packed with gzip; unpack it first: gunzip -k 'night.edf.gz'"
    """
    for signature, (program, command) in _PACKED.items():
        if content.startswith(signature):
            return f"It is packed with {program}; unpack it first: {command} '{name}'"
    return ""


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Return a regular file opened for reading.

    Raises
    ------
    OSError
        If there is none, or it is a pipe, a socket or a device, which could be waited for.
    """
    path = Path(path)
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.open("rb")


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ScratchFile:
    """A temporary file, written once from the start and read at any place.

    Examples
    --------
    >>> scratch = ScratchFile()
    >>> scratch.write(b"0123456789")
    >>> len(scratch), scratch.read(3, 4)
    (10, b'3456')
    """

    __slots__ = ("__weakref__", "_file", "_length", "_lock")

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        self._length = 0
        self._lock = Lock()
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return self._length

    def write(self, block: bytes) -> None:
        """Append ``block``."""
        with self._lock:
            self._file.seek(self._length)
            self._file.write(block)
            self._length += len(block)

    def read(self, at: int, count: int) -> bytes:
        """Return ``count`` bytes from ``at`` on, fewer at the end."""
        with self._lock:
            self._file.seek(at)
            return self._file.read(count)


def real_path(path: str | os.PathLike[str]) -> Path:
    """Return a path without symbolic links; one that leads in a circle stays as it is.

    ``Path.resolve`` raises for a circle, which a folder of others may hold.
    """
    return Path(os.path.realpath(path))


def is_file(path: str | os.PathLike[str]) -> bool:
    """Return whether there is such a file; a name that no file can have is no error.

    ``Path.is_file`` raises for a name that is too long, and names come from tables, too.
    """
    try:
        return Path(path).is_file()
    except OSError:
        return False


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Return whether there is such a folder; see ``is_file``."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False
