"""Find EDF and BDF recordings in folders, and write copies of them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psgkit.core.dataclass import dataclass
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.edf.header import EdfHeader
from psgkit.io.files import is_folder, real_path
from psgkit.io.new_files import new_file
from psgkit.io.text.read import EDF_SUFFIXES, PACKED_EDF_SUFFIXES

_BLOCK_BYTES = 2**22


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file named by the user, or one in a ``folder`` named by the user.

    ``name`` is the path below that folder.
    """

    path: Path
    name: str
    folder: Path | None = None


def find_recordings(path: str | Path) -> list[Source]:
    """Return the file itself, or all recordings below a folder, by name.

    Raises
    ------
    InputFileError
        If a folder holds none, or cannot be read.
    """
    path = Path(path)
    if not is_folder(path):
        return [Source(path=path, name=path.name)]
    found = recordings_below(path, (*EDF_SUFFIXES, *PACKED_EDF_SUFFIXES))
    if not found:
        wanted = " or ".join(f"*{suffix}" for suffix in EDF_SUFFIXES)
        raise InputFileError(str(path), "no recording", f"{wanted} in this folder")
    return [Source(path=p, name=p.relative_to(path).as_posix(), folder=path) for p in found]


def recordings_below(folder: Path, suffixes: tuple[str, ...] = EDF_SUFFIXES) -> list[Path]:
    """Return the files with these endings in a folder and the folders in it, sorted.

    Hidden files are left out.  Links to folders are not followed, because one to a parent would
    never end.

    Raises
    ------
    InputFileError
        If a folder cannot be read, because its nights would be left out unnoticed.
    """

    def refuse(error: OSError) -> None:
        where = Path(error.filename or folder)
        raise InputFileError(
            where.name or str(where), error.strerror or "unreadable", "a folder that can be read"
        ) from None

    found = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(parent, name)
            for name in names
            if name.lower().endswith(suffixes) and not name.startswith(".")
        ]
    return sorted(found)


def refuse_own_folder(sources: Sequence[Source], folder: str | Path) -> None:
    """Raise ``SettingsError`` if copies in ``folder`` could replace or join the originals.

    Examples
    --------
    >>> refuse_own_folder([Source(path=Path("data/night.edf"), name="night.edf")], "copies")
    """
    target = real_path(folder)
    for source in sources:
        own = real_path(source.path).parent
        named = real_path(source.folder) if source.folder else None
        if target == own or (named and target.is_relative_to(named)):
            raise SettingsError(
                str(folder),
                f"the folder of {source.name}" if target == own else "a folder among the originals",
                "another folder: the originals are never touched",
            )
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(str(folder), f"two files called {twice[0]}", "one file of each name")


@contextmanager
def new_copy(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets the name ``target`` when the block ends without error.

    Raises
    ------
    InputFileError
        If it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with new_file(target) as part, part.open("xb") as file:
            yield file
    except OSError as error:
        why = error.strerror or "cannot be written"
        raise InputFileError(str(target), why, "a folder that can be written to") from None


def copied_records(path: Path, header: EdfHeader) -> Iterator[bytes]:
    """Yield the data records of a file in blocks of whole records."""
    at_once = max(1, _BLOCK_BYTES // header.record_bytes)
    left = header.n_records
    with path.open("rb") as file:
        file.seek(header.header_bytes)
        while left:
            block = file.read(min(at_once, left) * header.record_bytes)
            if not block:
                raise InputFileError(path.name, "an end while it was copied", "the whole file")
            yield block
            left -= min(at_once, left)
