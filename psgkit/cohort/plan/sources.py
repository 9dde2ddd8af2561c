"""Find the nights of a folder, a file name pattern, a BIDS data set or a manifest.

Recordings of days are recognised among them by their content.
"""

import glob
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from psgkit.cohort.plan.manifest import read_manifest, refuse_twice
from psgkit.cohort.plan.night_identity import identity_of
from psgkit.cohort.plan.planned import PlannedNight, with_days
from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex
from psgkit.errors import InputFileError
from psgkit.io.actigraphy.read import DAY_SUFFIXES, kind_of_days
from psgkit.io.edf.copies import recordings_below
from psgkit.io.files import is_file, is_folder
from psgkit.io.scoring.sidecars import FolderNames, format_of_head, names_beside
from psgkit.io.text.read import EDF_SUFFIXES, PACKED_EDF_SUFFIXES, read_text
from psgkit.io.text.tables import parse_table
from psgkit.night.files import NightFiles
from psgkit.review.apply import review_beside
from psgkit.review.finish import ANNOTATIONS_FILE

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
        Recordings with the same content as an earlier one; they are left out.
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
        Returns the hash that names a recording.
    channels : Path, optional
        Channel map of nights that name none.
    zone : str
        Time zone of recordings of days that name none.

    Raises
    ------
    InputFileError
        If no recording is found, or a folder cannot be read.
    SettingsError, TableError
        If a manifest has an error.
    """
    path = Path(source)
    if is_folder(path):
        if is_bids(path):
            nights = bids_nights(path, channels)
            refuse_twice(nights, path.name)
            found = FoundNights(kind="BIDS", root=path, nights=tuple(nights))
        else:
            found = _called_by_hash("folder", path, _below(path), (hash_of, channels))
    elif is_file(path) and path.suffix.lower() in MANIFEST_SUFFIXES and not kind_of_days(path):
        manifest = _with_files_beside(read_manifest(path, hash_of, channels))
        nights = with_days(manifest, zone)
        return FoundNights(kind="manifest", root=path.parent, nights=tuple(nights))
    elif is_file(path):
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
    """Return the recordings that match a pattern, and those in folders that match it."""
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
    suffixes = (*EDF_SUFFIXES, *PACKED_EDF_SUFFIXES, *DAY_SUFFIXES)
    return _recordings_among(recordings_below(folder, suffixes))


def recordings_of_nights(folder: Path) -> list[Path]:
    """Return the EDF and BDF recordings in a folder and those below it, sorted."""
    return [path for path in _below(folder) if _is_edf(path)]


def _recordings_among(paths: Sequence[Path]) -> list[Path]:
    """Return the recordings among files; tables beside them and marks of reviews are none."""
    nights = [path for path in paths if _is_edf(path)]
    beside = {path for found in beside_all(nights).values() for path in found}
    return [
        path
        for path in paths
        if (_is_edf(path) and path.name != ANNOTATIONS_FILE)
        or (path.suffix.lower() in DAY_SUFFIXES and path not in beside and bool(kind_of_days(path)))
    ]


def _fixed_part(pattern: str) -> Path:
    """Return the part of a pattern before the first wildcard: the folder of all matches.

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
    """Return the nights of files, named by hashes because file names may be those of patients."""
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
            files=NightFiles(channels=channels, sidecar=True, review=review_beside(path)),
            sidecars=beside[path],
            asked_as=name,
        )
    return FoundNights(kind=kind, root=root, nights=tuple(nights.values()), copies=tuple(copies))


def _with_files_beside(nights: Sequence[PlannedNight]) -> list[PlannedNight]:
    """Return the nights of a manifest, with files beside the recording if it names no scoring."""
    beside = beside_all([night.recording for night in nights if night.files.sidecar])
    return [replace(night, sidecars=beside.get(night.recording, ())) for night in nights]


def beside_all(recordings: Sequence[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return the files beside each recording that belong to it by name; every folder is read once.

    Other recordings are never among them.
    """
    listed = {folder: FolderNames.of(folder) for folder in {path.parent for path in recordings}}
    found = {}
    for path in recordings:
        names = names_beside(path.name, listed[path.parent])
        paths = [path.parent / name for name in names]
        found[path] = tuple(one for one in paths if not _is_edf(one) or _is_scoring(one))
    return found


def _is_edf(path: Path) -> bool:
    return path.name.lower().endswith((*EDF_SUFFIXES, *PACKED_EDF_SUFFIXES))


def _is_scoring(path: Path) -> bool:
    """Return whether an EDF file holds annotations only."""
    return format_of_head(path) is not None


_SUBJECT = regex(r"sub-[A-Za-z0-9+]+")
_SESSION = regex(r"ses-[A-Za-z0-9+]+")
PEOPLE = "participants.tsv"
PERSON = "participant_id"
USUAL_SUFFIXES = ("eeg", "psg")
"""Last part of a file name that adds nothing to the name of a night."""


def is_bids(folder: Path) -> bool:
    """Return whether a folder holds subject folders named as in BIDS."""
    return any(_SUBJECT.fullmatch(path.name) and path.is_dir() for path in folder.glob("sub-*"))


def bids_nights(root: Path, channels: Path | None = None) -> list[PlannedNight]:
    """Return the recordings of all subjects, without ``derivatives`` and other folders.

    A night is named by its file without the suffix of the data type: ``sub-1_ses-2_task-sleep``.
    Columns of ``participants.tsv`` are copied to the tables.

    Raises
    ------
    InputFileError
        If a folder cannot be read.
    TableError
        If ``participants.tsv`` is no table.
    """
    people = _people(root)
    listed = cache(FolderNames.of)
    codes = cache(lambda folder: tuple(sorted(folder.glob("*events.json"))))
    nights = []
    for subject in sorted(path for path in root.glob("sub-*") if _SUBJECT.fullmatch(path.name)):
        for path in recordings_below(subject):
            beside = [path.parent / name for name in names_beside(path.name, listed(path.parent))]
            above = [one for one in path.parents if one == root or root in one.parents]
            means = [json for folder in above for json in codes(folder)]
            tables = [one for one in beside if one.suffix.lower() != path.suffix.lower()]
            nights.append(
                PlannedNight(
                    identity=identity_of(
                        _labels(path, subject.name),
                        "",
                        path.suffix,
                        people.get(subject.name, {}),
                    ),
                    recording=path,
                    files=NightFiles(channels=channels, sidecar=True, review=review_beside(path)),
                    sidecars=tuple(dict.fromkeys([*tables, *means])),
                    asked_as=path.relative_to(root).as_posix(),
                )
            )
    return nights


def _labels(path: Path, subject: str) -> tuple[str, str, str]:
    """Return subject, session and the other entities, which distinguish recordings of a session."""
    parts = path.stem.split("_")
    session = next((part for part in parts if _SESSION.fullmatch(part)), "")
    rest = [part for part in parts if part not in (subject, session)]
    if rest and rest[-1].lower() in USUAL_SUFFIXES:
        rest = rest[:-1]
    return subject, session, "_".join(rest)


def _people(root: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the columns of ``participants.tsv`` by subject; empty without that file."""
    path = root / PEOPLE
    if not path.is_file():
        return {}
    table = parse_table(read_text(path), path.name)
    persons = table.text(table.one_of((PERSON,)))
    columns = {name: table.text(name) for name in table.header if name != PERSON}
    return {
        person: {name: column[row] for name, column in columns.items()}
        for row, person in enumerate(persons)
    }
