"""Members of a zip archive whose end is missing, as after an interrupted copy.

The list of a zip stands at its end; without it the members are read one after the other by the head
that each has.
"""

import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

_HEAD = struct.Struct("<4s5HIIIHH")
_SIGNATURE = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_HAS_SIZES_LATER = 0x08
_DESCRIPTOR = b"PK\x07\x08"
_BLOCK = 2**20
_MOST_MEMBERS = 1000


def read_cut_zip(path: Path, write: Callable[[str, bytes], None]) -> str:
    """Give the content of each member to ``write``, name by name, as far as the archive goes.

    Parameters
    ----------
    path : Path
    write : function of str and bytes
        Takes the name of a member and its next block.

    Returns
    -------
    str
        The name of the member in which the archive ends; empty if it ends after one.
    """
    with path.open("rb") as file:
        for _ in range(_MOST_MEMBERS):
            raw = file.read(_HEAD.size)
            if len(raw) < _HEAD.size or not raw.startswith(_SIGNATURE):
                return ""
            _, _, flags, method, _, _, _, packed, _, name_n, extra_n = _HEAD.unpack(raw)
            name = file.read(name_n).decode("utf-8", errors="replace")
            file.seek(extra_n, 1)
            if method == _DEFLATED:
                whole = _inflated(file, partial(write, name))
            elif method == _STORED and not flags & _HAS_SIZES_LATER:
                whole = _copied(file, packed, partial(write, name))
            else:
                return name
            if not whole:
                return name
            _skip_descriptor(file, sizes_later=bool(flags & _HAS_SIZES_LATER))
    return ""


def _inflated(file: IO[bytes], write: Callable[[bytes], None]) -> bool:
    """Write what a member unpacks to; return whether it is whole."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while packed := file.read(_BLOCK):
        try:
            while packed:
                write(unpacker.decompress(packed, _BLOCK))
                packed = unpacker.unconsumed_tail
        except zlib.error:
            return False
        if unpacker.eof:
            file.seek(-len(unpacker.unused_data), 1)
            return True
    return False


def _copied(file: IO[bytes], size: int, write: Callable[[bytes], None]) -> bool:
    left = size
    while left and (block := file.read(min(left, _BLOCK))):
        write(block)
        left -= len(block)
    return not left


def _skip_descriptor(file: IO[bytes], *, sizes_later: bool) -> None:
    if not sizes_later:
        return
    start = file.tell()
    # check sum and two sizes, with a signature before them in most archives
    file.seek(start + (16 if file.read(4) == _DESCRIPTOR else 12))
