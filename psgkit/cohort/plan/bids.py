"""Nights of a BIDS data set: their names, their people, and the JSON that says what codes mean."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from psgkit.cohort.plan.night_identity import identity_of
from psgkit.cohort.plan.planned import PlannedNight
from psgkit.io.edf.copies import recordings_below
from psgkit.io.scoring.sidecars import FolderNames, names_beside
from psgkit.io.text.read import read_text
from psgkit.io.text.tables import parse_table
from psgkit.night.files import NightFiles

_SUBJECT = re.compile(r"sub-[A-Za-z0-9+]+")
_SESSION = re.compile(r"ses-[A-Za-z0-9+]+")
PEOPLE = "participants.tsv"
PERSON = "participant_id"
USUAL_SUFFIXES = ("eeg", "psg")
"""Last part of a file name that adds nothing to the name of a night."""


def is_bids(folder: Path) -> bool:
    """Return whether a folder holds folders of subjects as BIDS names them."""
    return any(_SUBJECT.fullmatch(path.name) and path.is_dir() for path in folder.glob("sub-*"))


def bids_nights(root: Path, channels: Path | None = None) -> list[PlannedNight]:
    """Return the recordings of all subjects; ``derivatives`` and the like are left out.

    A night is called as its file is, without the kind of data: ``sub-1_ses-2_task-sleep``.
    Columns of ``participants.tsv`` are carried through.

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
                    files=NightFiles(channels=channels, sidecar=True),
                    sidecars=tuple(dict.fromkeys([*tables, *means])),
                    asked_as=path.relative_to(root).as_posix(),
                )
            )
    return nights


def _labels(path: Path, subject: str) -> tuple[str, str, str]:
    """Return subject, session and what else tells the recordings of a session apart."""
    parts = path.stem.split("_")
    session = next((part for part in parts if _SESSION.fullmatch(part)), "")
    rest = [part for part in parts if part not in (subject, session)]
    if rest and rest[-1].lower() in USUAL_SUFFIXES:
        rest = rest[:-1]
    return subject, session, "_".join(rest)


def _people(root: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the columns of ``participants.tsv`` by subject; none if there is no such table."""
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
