"""Where public data sets, and folders of one's own, keep recordings and the scorings of people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from psgkit.core.finding import Finding
from psgkit.errors import InputFileError, SettingsError

READ = {
    "psg-ipa": "PSG-IPA (PhysioNet, doi 10.13026/esx0-nw71, CC BY 4.0): five nights, both legs, "
    "limb movements marked by several people",
    "generic": "recordings NAME.edf with scorings NAME_scorer*.edf, .csv or .tsv beside them or in "
    "a folder scorings",
}
"""Data sets that are read, and what they are."""
REFUSED = {
    "dreams": "DREAMS PLMs (Zenodo 2650142): layout not published as far as known; use generic",
    "challenge-2026": "PhysioNet Challenge 2026 (both legs at 200 Hz, limb_expert at 1 Hz): layout "
    "not published as far as known; use generic",
    "slpdb": "MIT-BIH slpdb has no EMG of the legs, and its codes L and LA belong to intervals of "
    "30 s, not to movements: nothing can be compared",
}
"""Data sets that are not read, and why."""
_RECORDINGS = (".edf", ".bdf")
_SCORINGS = (".edf", ".csv", ".tsv")
_SCORER = re.compile(r"(?P<night>.+?)_(?:.*_)?(?P<scorer>scorer[^.]*)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredRecording:
    """A recording and the file of each person who scored it.

    Attributes
    ----------
    name : str
        Of the night.
    recording : Path
    scorings : tuple of (str, Path)
        Name of the person (``scorer3``) and file, in the order of the names.
    """

    name: str
    recording: Path
    scorings: tuple[tuple[str, Path], ...]


def find_nights(dataset: str, folder: Path) -> tuple[tuple[ScoredRecording, ...], list[Finding]]:
    """Return the scored nights of a data set in ``folder``, and findings about files left out.

    Raises
    ------
    SettingsError
        If the data set is not known, or is one that cannot be read.
    InputFileError
        If the folder has not the layout, or two files are of one person and night.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("n1.edf", "n1_scorer1.csv", "n1_scorer2.csv"):
    ...         (Path(folder) / name).touch()
    ...     nights, findings = find_nights("generic", Path(folder))
    >>> [(night.name, [person for person, _file in night.scorings]) for night in nights]
    [('n1', ['scorer1', 'scorer2'])]
    """
    if dataset not in READ:
        found = REFUSED.get(dataset, "an unknown data set")
        raise SettingsError(dataset, found, f"one of {', '.join(READ)}")
    if not folder.is_dir():
        raise InputFileError(str(folder), "no folder", f"the folder of {dataset}")
    return _psg_ipa(folder) if dataset == "psg-ipa" else _generic(folder)


def _psg_ipa(folder: Path) -> tuple[tuple[ScoredRecording, ...], list[Finding]]:
    base = folder / "Limb_movements" if (folder / "Limb_movements").is_dir() else folder
    places = {base / "Annotations" / "manual", folder / "Annotations" / "manual"}
    recordings = {
        path.stem.split("_")[0]: path
        for path in _files([base / "PSG"], (".edf",))
        if path.stem.lower().endswith("_limbmovements")
    }
    wanted = (
        "Limb_movements/PSG/SN1_LimbMovements.edf and "
        "Limb_movements/Annotations/manual/SN1_LimbMovements_manual_scorer1.edf"
    )
    # SN1_LimbMovements_manual_scorer1: the night is what stands before the first underscore
    marks = [
        (path, path.stem.split("_")[0], found["scorer"])
        for path in _files(sorted(places), (".edf",))
        if (found := _SCORER.fullmatch(path.stem))
    ]
    return _together(folder, recordings, marks, wanted)


def _generic(folder: Path) -> tuple[tuple[ScoredRecording, ...], list[Finding]]:
    files = _files([folder, folder / "scorings"], {*_RECORDINGS, *_SCORINGS})
    marked = {path: _generic_scorer(path) for path in files}
    recordings: dict[str, Path] = {}
    for path in files:
        if path.parent != folder or marked[path] or path.suffix.lower() not in _RECORDINGS:
            continue
        if path.stem in recordings:
            _refuse_two(recordings[path.stem], path, "recording")
        recordings[path.stem] = path
    marks = [(path, *found) for path, found in marked.items() if found]
    wanted = "NAME.edf with NAME_scorer1.csv beside it or in a folder scorings"
    return _together(folder, recordings, marks, wanted)


def _generic_scorer(path: Path) -> tuple[str, str] | None:
    """Return night and person of a scoring; None if the name is that of no scoring."""
    found = re.fullmatch(r"(.+)_(scorer.*)", path.stem, re.IGNORECASE)
    return (found[1], found[2]) if found and path.suffix.lower() in _SCORINGS else None


def _files(folders: Iterable[Path], suffixes: Iterable[str]) -> list[Path]:
    """Return the files with one of the suffixes directly in the folders, hidden ones left out."""
    chosen = {*suffixes}
    return sorted(
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if path.suffix.lower() in chosen and path.is_file() and not path.name.startswith(".")
    )


def _together(
    folder: Path,
    recordings: dict[str, Path],
    marks: list[tuple[Path, str, str]],
    wanted: str,
) -> tuple[tuple[ScoredRecording, ...], list[Finding]]:
    """Return the nights that have a recording and a scoring; a finding for each other file."""
    scorings: dict[str, dict[str, Path]] = {}
    findings = []
    for path, night, scorer in marks:
        if night not in recordings:
            message = f"left out: there is no recording of {night}"
            findings.append(Finding("warning", "validation.no_recording", path.name, message))
            continue
        of_night = scorings.setdefault(night, {})
        if scorer in of_night:
            _refuse_two(of_night[scorer], path, "scoring")
        of_night[scorer] = path
    findings += [
        Finding("warning", "validation.no_scoring", recordings[night].name, "left out: not scored")
        for night in sorted({*recordings} - {*scorings})
    ]
    if not scorings:
        found = f"{len(recordings)} recordings and {len(marks)} scorings that do not fit together"
        raise InputFileError(str(folder), found, wanted)
    nights = tuple(
        ScoredRecording(
            name=night,
            recording=recordings[night],
            scorings=tuple(sorted(scorings[night].items(), key=lambda one: _numbered(one[0]))),
        )
        for night in sorted(scorings, key=_numbered)
    )
    return nights, findings


def _refuse_two(first: Path, second: Path, what: str) -> None:
    raise InputFileError(
        f"{first.name} and {second.name}", f"two files of one {what}", f"one {what} a name"
    )


def _numbered(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts scorer2 before scorer10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
