"""Digests of files, and bytes kept on the disk while a file is read."""

import hashlib
import tempfile
import weakref
from pathlib import Path
from threading import Lock


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ScratchFile:
    """Bytes on the disk, written once from the start and read anywhere.

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
