"""Which nights there are: in a folder, behind a pattern, in a BIDS data set, or in a manifest.

Recordings of days are found among them by what they hold.
"""

import glob
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from psgkit.cohort.plan.bids import bids_nights, is_bids
from psgkit.cohort.plan.manifest import read_manifest, refuse_twice
from psgkit.cohort.plan.night_identity import identity_of
from psgkit.cohort.plan.planned import PlannedNight, with_days
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.recognise import DAY_SUFFIXES, kind_of_days
from psgkit.io.edf.copies import recordings_below
from psgkit.io.scoring.sidecars import FolderNames, format_of_head, names_beside
from psgkit.io.text.read import EDF_SUFFIXES
from psgkit.night.files import NightFiles

MANIFEST_SUFFIXES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundNights:
    """The nights of a source.

    Attributes
    ----------
    kind : str
        ``folder``, ``pattern``, ``BIDS`` or ``manifest``.
    root : Path
        The folder that was searched, or that holds the manifest.
    nights : tuple of PlannedNight
    copies : tuple of str
        Recordings with the same content as one before them, which are left out.
    """

    kind: str
    root: Path
    nights: tuple[PlannedNight, ...]
    copies: tuple[str, ...] = ()


def find_nights(
    source: str, hash_of: Callable[[Path], str], channels: Path | None = None, zone: str = ""
) -> FoundNights:
    """Return the nights of a folder, a pattern, a BIDS data set or a manifest.

    Parameters
    ----------
    source : str
        As typed.
    hash_of : callable
        Gives the hash that stands for the name of a recording.
    channels : Path, optional
        Channel map of nights that name none.
    zone : str
        Time zone of recordings of days that name none.

    Raises
    ------
    InputFileError
        If there is nothing, or a folder cannot be read.
    SettingsError, TableError
        If a manifest is wrong.
    """
    path = Path(source)
    if path.is_dir():
        if is_bids(path):
            nights = bids_nights(path, channels)
            refuse_twice(nights, path.name)
            found = FoundNights(kind="BIDS", root=path, nights=tuple(nights))
        else:
            found = _called_by_hash("folder", path, _below(path), (hash_of, channels))
    elif path.is_file() and path.suffix.lower() in MANIFEST_SUFFIXES and not kind_of_days(path):
        manifest = _with_files_beside(read_manifest(path, hash_of, channels))
        nights = with_days(manifest, zone)
        return FoundNights(kind="manifest", root=path.parent, nights=tuple(nights))
    elif path.is_file():
        found = _called_by_hash("folder", path.parent, [path], (hash_of, channels))
    else:
        found = _called_by_hash(
            "pattern", _fixed_part(source), _matches(source), (hash_of, channels)
        )
    if not found.nights:
        wanted = " or ".join(f"*{suffix}" for suffix in EDF_SUFFIXES)
        raise InputFileError(
            source, "no recording", f"{wanted}, a recording of days, or a manifest (CSV, TSV)"
        )
    return replace(found, nights=tuple(with_days(found.nights, zone)))


def _matches(pattern: str) -> list[Path]:
    """Return the recordings a pattern matches, and those in folders it matches."""
    if not glob.has_magic(pattern):
        raise InputFileError(pattern, "no such file or folder", "recordings or a manifest")
    paths = sorted(Path(name) for name in glob.glob(pattern, recursive=True))  # noqa: PTH207
    found: dict[Path, None] = {}
    for path in paths:
        inside = _below(path) if path.is_dir() else _recordings_among([path])
        found.update(dict.fromkeys(inside))
    return list(found)


def _below(folder: Path) -> list[Path]:
    """Return the recordings of nights and of days below a folder, sorted."""
    return _recordings_among(recordings_below(folder, (*EDF_SUFFIXES, *DAY_SUFFIXES)))


def _recordings_among(paths: Sequence[Path]) -> list[Path]:
    """Return the recordings among files; a table beside an EDF file is none of its own."""
    nights = [path for path in paths if _is_edf(path)]
    beside = {path for found in beside_all(nights).values() for path in found}
    return [
        path
        for path in paths
        if _is_edf(path)
        or (path.suffix.lower() in DAY_SUFFIXES and path not in beside and bool(kind_of_days(path)))
    ]


def _fixed_part(pattern: str) -> Path:
    """Return the folder that everything a pattern matches lies in.

    Examples
    --------
    >>> _fixed_part("data/*/night.edf").as_posix(), _fixed_part("*.edf").as_posix()
    ('data', '.')
    """
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _called_by_hash(
    kind: str,
    root: Path,
    recordings: Sequence[Path],
    how: tuple[Callable[[Path], str], Path | None],
) -> FoundNights:
    """Return the nights in files whose names say nothing that may be repeated."""
    hash_of, channels = how
    beside = beside_all(recordings)
    scorings = {path for paths in beside.values() for path in paths if _is_edf(path)}
    nights: dict[str, PlannedNight] = {}
    copies = []
    for path in recordings:
        if path in scorings:
            continue
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        identity = identity_of(("", "", ""), hash_of(path), path.suffix, {})
        if identity.night_id in nights:
            copies.append(f"{name} (as {nights[identity.night_id].asked_as})")
            continue
        nights[identity.night_id] = PlannedNight(
            identity=identity,
            recording=path,
            files=NightFiles(channels=channels, sidecar=True),
            sidecars=beside[path],
            asked_as=name,
        )
    return FoundNights(kind=kind, root=root, nights=tuple(nights.values()), copies=tuple(copies))


def _with_files_beside(nights: Sequence[PlannedNight]) -> list[PlannedNight]:
    """Return the nights of a manifest with the files beside them, where it names no scoring."""
    beside = beside_all([night.recording for night in nights if night.files.sidecar])
    return [replace(night, sidecars=beside.get(night.recording, ())) for night in nights]


def beside_all(recordings: Sequence[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return the files beside each recording that belong to it; every folder is read once.

    Another recording, whatever it is called, is none of them.
    """
    listed = {folder: FolderNames.of(folder) for folder in {path.parent for path in recordings}}
    found = {}
    for path in recordings:
        names = names_beside(path.name, listed[path.parent])
        paths = [path.parent / name for name in names]
        found[path] = tuple(one for one in paths if not _is_edf(one) or _is_scoring(one))
    return found


def _is_edf(path: Path) -> bool:
    return path.suffix.lower() in EDF_SUFFIXES


def _is_scoring(path: Path) -> bool:
    """Return whether an EDF file holds annotations alone."""
    return format_of_head(path) is not None
