"""Every recording below a folder, however many there are."""

import os
from pathlib import Path

from psgkit.errors import InputFileError
from psgkit.io.edf_files import SUFFIXES


def recordings_below(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> list[Path]:
    """Return the files with these endings in a folder and the folders in it, sorted.

    Hidden ones are left out.

    Links to folders are not followed: one that leads up would never end.

    Raises
    ------
    InputFileError
        If a folder cannot be read: a search that leaves out nights in silence is none.
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
