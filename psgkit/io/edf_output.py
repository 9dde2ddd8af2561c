"""Write a copy of an EDF file, whole or not at all, in little memory."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from psgkit.errors import InputFileError
from psgkit.io.edf_header import EdfHeader

_BLOCK_BYTES = 2**22


@contextmanager
def new_file(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears as ``target`` when everything in it was written.

    Raises
    ------
    InputFileError
        If it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{secrets.token_hex(6)}.part")
        with ExitStack() as undo:
            undo.callback(part.unlink, missing_ok=True)
            with part.open("xb") as file:
                yield file
            part.replace(target)
    except OSError as error:
        why = error.strerror or "cannot be written"
        raise InputFileError(target.name, why, "a folder that can be written to") from None


def copied_records(path: Path, header: EdfHeader) -> Iterator[bytes]:
    """Return the data records of the file, block by block of whole records."""
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
