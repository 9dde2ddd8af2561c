"""Digests of the files of a night; the ledger keeps them, so unchanged files are not read again."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from psgkit._version import __version__
from psgkit.cohort.ledger import KnownFile
from psgkit.cohort.plan.planned import PlannedNight
from psgkit.core.dataclass import dataclass
from psgkit.io.files import open_regular, sha256_of
from psgkit.io.read import is_too_large

END_BYTES = 2**16
"""Bytes of each end of a recording that its name is hashed from; psgkit's own choice."""
_PLACE_HEX_DIGITS = 32


def place_of(path: Path) -> str:
    """Return a hash of the path of a file; the path itself may contain a patient's name."""
    where = str(path.absolute()).encode("utf-8", "surrogateescape")
    return hashlib.sha256(where).hexdigest()[:_PLACE_HEX_DIGITS]


def name_hash_of(path: Path) -> str:
    """Return a hash of the length and both ends of a recording, which identifies it.

    Two copies of a recording have the same hash.  Whether a recording has changed is decided by the
    digest of all its bytes.
    """
    with open_regular(path) as file:
        length = file.seek(0, 2)
        file.seek(0)
        digest = hashlib.sha256(str(length).encode())
        digest.update(file.read(END_BYTES))
        file.seek(max(0, length - END_BYTES))
        digest.update(file.read(END_BYTES))
    return digest.hexdigest()


def look_at(path: Path) -> KnownFile:
    """Return size, modification time and digest of a file.

    Size and time are read first: a file that is changed while its digest is computed differs from
    them and is read again by the next run.  Of a file that is refused for its size, or for its
    header, only both ends are read: a sparse file of 20 GB takes no room and a minute to read.
    """
    found = path.stat()
    name_hash = name_hash_of(path)
    return KnownFile(
        size_bytes=found.st_size,
        changed_ns=found.st_mtime_ns,
        sha256=name_hash if is_too_large(path) else sha256_of(path),
        name_hash=name_hash,
    )


def name_hash_by(known: Mapping[str, KnownFile], path: Path) -> str:
    """Return the hash that names a recording, from the ledger if the file is unchanged.

    For a file that cannot be read it is the hash of its path.
    """
    place = place_of(path)
    try:
        file = known.get(place)
        return file.name_hash if file is not None and _is_as(file, path) else name_hash_of(path)
    except OSError:
        return place


def _is_as(file: KnownFile, path: Path) -> bool:
    """Return whether a file has the known size and modification time."""
    found = path.stat()
    return (file.size_bytes, file.changed_ns) == (found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """Digests of the files of one night.

    Attributes
    ----------
    digests : tuple of (str, str)
        Purpose of each file, and its digest or why it has none.
    known : mapping of str to KnownFile
        By ``place_of``.
    """

    digests: tuple[tuple[str, str], ...]
    known: Mapping[str, KnownFile]


def contents_of(night: PlannedNight) -> Contents:
    """Read all files of a night and return their digests."""
    digests, known = [], {}
    for purpose, path in night.files_by_purpose():
        try:
            file = look_at(path)
        except OSError as error:
            digests.append((purpose, _absence(error)))
            continue
        digests.append((purpose, file.sha256))
        known[place_of(path)] = file
    return Contents(digests=tuple(digests), known=known)


def remembered_contents(night: PlannedNight, known: Mapping[str, KnownFile]) -> Contents | None:
    """Return the digests from the ledger, without reading a file; None if one is new or changed."""
    digests = []
    for purpose, path in night.files_by_purpose():
        file = known.get(place_of(path))
        try:
            if file is None or not _is_as(file, path):
                # a missing file has no digest, and there is nothing to read
                path.stat()
                return None
        except OSError as error:
            digests.append((purpose, _absence(error)))
            continue
        digests.append((purpose, file.sha256))
    return Contents(digests=tuple(digests), known={})


def have_changed(night: PlannedNight, known: Mapping[str, KnownFile]) -> bool:
    """Return whether a file of a night has another size or modification time than when read."""
    for _, path in night.files_by_purpose():
        file = known.get(place_of(path))
        try:
            if file is not None and not _is_as(file, path):
                return True
        except OSError:
            return True
    return False


def key_of(night: PlannedNight, contents: Contents, settings: str) -> str:
    """Return the digest of everything that decides the result of a night.

    Parameters
    ----------
    night : PlannedNight
    contents : Contents
    settings : str
        Digest of the settings and of the outputs wanted.
    """
    decides: dict[str, object] = {
        "psgkit": __version__,
        "settings": settings,
        "night": night.identity.night_id,
        "recording": night.identity.recording,
        "lights": list(night.lights),
        "sidecar": night.files.sidecar,
        "files": [list(pair) for pair in contents.digests],
    }
    if night.files.stage_codes is not None:
        decides["stage_codes"] = night.files.stage_codes.as_text()
    if night.days is not None:
        days = night.days
        decides["days"] = {
            "zone": days.zone,
            "count_scale": days.count_scale,
            "dates": days.dates,
        }
    return digest_of(decides)


def digest_of(values: Mapping[str, object]) -> str:
    """Return the digest of a mapping of plain values, whatever the order of its keys."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _absence(error: OSError) -> str:
    return f"none: {type(error).__name__}"
