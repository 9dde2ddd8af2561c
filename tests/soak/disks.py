"""Disks that fill and lose power: a file system in a file for root, else a folder."""

import array
import contextlib
import fcntl
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_SHUT_DOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN of Linux: the file system ends at once."""
_LOG_IS_LOST = 2
_BALLAST = "ballast"


class Disk(Protocol):
    """Where a batch writes."""

    kind: str
    folder: Path
    environment: dict[str, str]

    def before_start(self, *, is_full: bool) -> Callable[[], None] | None:
        """Return what a process calls before it starts, so that its disk is full soon."""

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Leave almost no room while the block lasts."""

    def cut_power(self) -> None:
        """Lose what no process asked to keep; none may be writing any more."""

    def close(self) -> None:
        """Give back what the disk took."""


class FileSystem:
    """An ext4 in a file.

    A power cut is what the kernel makes of it: the file system is shut down, its journal is not
    written, and it is mounted again.
    """

    kind = "an ext4 of its own: power cuts and full disks are those of the kernel"

    def __init__(self, at: Path, size_bytes: int) -> None:
        self.folder, self._image = at / "disk", at / "disk.img"
        self.environment: dict[str, str] = {}
        self.folder.mkdir()
        with self._image.open("wb") as image:
            image.truncate(size_bytes)
        _call("mkfs.ext4", "-q", "-m", "0", str(self._image))
        self._mount()

    def _mount(self) -> None:
        # files that get a name before they are on the disk are empty after a cut
        options = "loop,noauto_da_alloc,commit=300"
        _call("mount", "-o", options, str(self._image), str(self.folder))

    def before_start(self, *, is_full: bool) -> None:  # noqa: ARG002 - the disk itself is full
        return None

    @contextmanager
    def filled(self) -> Iterator[None]:
        free = shutil.disk_usage(self.folder).free
        ballast = self.folder / _BALLAST
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - 3_000_000, 1))
        try:
            yield
        finally:
            ballast.unlink()

    def cut_power(self) -> None:
        number = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(number, _SHUT_DOWN, array.array("I", [_LOG_IS_LOST]))
        finally:
            os.close(number)
        _call("umount", str(self.folder))
        self._mount()

    def close(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=False, capture_output=True)
        self._image.unlink()


class PlainFolder:
    """A folder, where only root may mount.

    A power cut empties each file that was not synchronised as it is now.  Names and the pages of
    SQLite are kept.  A disk that fills is a limit of the size of files.
    """

    kind = "a folder (no root, or no ext4): a power cut empties files that were not synchronised"

    def __init__(self, at: Path) -> None:
        self.folder, self._notes = at / "disk", at / "synced"
        self.folder.mkdir()
        self._notes.touch()
        self.environment = {"SOAK_NOTES": str(self._notes)}

    def before_start(self, *, is_full: bool) -> Callable[[], None] | None:
        if not is_full:
            return None
        most = 100_000
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    @contextmanager
    def filled(self) -> Iterator[None]:
        yield

    def cut_power(self) -> None:
        kept = {
            tuple(map(int, line.split()))
            for line in self._notes.read_text(encoding="ascii").splitlines()
        }
        for path in self.folder.rglob("*"):
            if path.is_file() and "sqlite" not in path.name:
                found = path.stat()
                if (found.st_ino, found.st_size, found.st_mtime_ns) not in kept:
                    path.write_bytes(b"")

    def close(self) -> None:
        """Nothing was taken."""


def disk(at: Path, size_bytes: int) -> Disk:
    """Return the best disk that this user may have."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        try:
            return FileSystem(at, size_bytes)
        except (OSError, subprocess.CalledProcessError):
            (at / "disk").rmdir()
            raise
    return PlainFolder(at)


def _call(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
