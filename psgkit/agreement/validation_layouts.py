"""Where public data sets, and folders of one's own, keep recordings and the scorings of people."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from psgkit.agreement.validation_datasets import DATASETS, REFUSED
from psgkit.agreement.validation_files import LEGS_FILE, read_legs
from psgkit.core.dataclass import dataclass
from psgkit.core.finding import Finding
from psgkit.core.regex import regex
from psgkit.errors import InputFileError, SettingsError

_RECORDINGS = (".edf", ".bdf")
_SCORINGS = (".edf", ".csv", ".tsv")
_DREAMS_SCORING = regex(r"visual_?scoring(?P<person>\d*)_(?P<night>.+)", re.IGNORECASE)
_DREAMS_STAGES = regex(r"hypnogram(?P<rules>aasm|r&k|)_(?P<night>.+)", re.IGNORECASE)
_SESSION = regex(r"[_-]ses-?(?=\d+$)", re.IGNORECASE)
_EXPERT = "_expert_annotations"
_SCORER = regex(r"(?P<night>.+?)_(?:.*_)?(?P<scorer>scorer[^.]*)", re.IGNORECASE)


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
    form : str
        Data set whose own form the scorings have; empty for a form that psgkit knows anyway.
    stages : Path or None
        File of stages in that form.
    leg : str
        Leg that was marked, if a file of the folder says.
    """

    name: str
    recording: Path
    scorings: tuple[tuple[str, Path], ...]
    form: str = ""
    stages: Path | None = None
    leg: str = ""


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
    if dataset not in DATASETS:
        found = REFUSED.get(dataset, "an unknown data set")
        raise SettingsError(dataset, found, f"one of {', '.join(DATASETS)}")
    if not folder.is_dir():
        raise InputFileError(str(folder), "no folder", f"the folder of {dataset}")
    finders = {
        "psg-ipa": _psg_ipa,
        "dreams": _dreams,
        "challenge-2026": _challenge,
        "generic": _generic,
    }
    return finders[dataset](folder)


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


def _dreams(folder: Path) -> tuple[tuple[ScoredRecording, ...], list[Finding]]:
    base = folder / "DatabasePLMs" if (folder / "DatabasePLMs").is_dir() else folder
    recordings = {path.stem.casefold(): path for path in _files([base], (".edf",))}
    texts = _files([base], (".txt",))
    marks, stages = [], {}
    for path in texts:
        if found := _DREAMS_SCORING.fullmatch(path.stem):
            person = f"scorer{found['person'] or 1}"
            marks.append((path, found["night"].casefold(), person))
        elif found := _DREAMS_STAGES.fullmatch(path.stem):
            night, rules = found["night"].casefold(), found["rules"].casefold()
            # where both are there, those by the rules in use today
            if night not in stages or rules == "aasm":
                stages[night] = path
    nights, findings = _together(
        folder,
        recordings,
        marks,
        "NAME.edf with Visual_scoring1_NAME.txt beside it, as in excerpt1.edf and "
        "Visual_scoring1_excerpt1.txt",
    )
    used = {path for path, _night, _person in marks} | set(stages.values())
    if others := [path.name for path in texts if path not in used]:
        message = f"texts that are no scorings of people are left out ({len(others)})"
        findings.append(Finding("warning", "validation.other_texts", others[0], message))
    legs = read_legs(base)
    return tuple(
        replace(
            night,
            name=night.recording.stem,
            form="dreams",
            stages=stages.get(night.name),
            leg=legs.pop(night.name, ""),
        )
        for night in nights
    ), [*findings, *_legs_left(legs)]


def _legs_left(legs: dict[str, str]) -> list[Finding]:
    message = "no scored recording has this name"
    return [Finding("warning", "validation.legs", LEGS_FILE, f"{one}: {message}") for one in legs]


def _challenge(folder: Path) -> tuple[tuple[ScoredRecording, ...], list[Finding]]:
    signals = "physiological_data"
    parts = [one for one in (folder, *sorted(folder.iterdir())) if (one / signals).is_dir()]
    scored = [one for one in parts if (one / "human_annotations").is_dir()]
    if len(scored) != 1:
        found = f"{len(scored)} folders with {signals} and human_annotations"
        wanted = "one partition, as in FOLDER/training_set_small"
        names = ", ".join(one.name for one in scored)
        raise InputFileError(str(folder), f"{found}: {names}" if names else found, wanted)
    base = scored[0]
    sites = sorted(one for one in (base / signals).iterdir() if one.is_dir())
    recordings = {
        f"{site.name}/{_session(path.stem)}": path
        for site in sites
        for path in _files([site], (".edf",))
    }
    annotated = sorted(one for one in (base / "human_annotations").iterdir() if one.is_dir())
    marks = [
        (path, f"{site.name}/{_session(path.stem[: -len(_EXPERT)])}", "expert")
        for site in annotated
        for path in _files([site], (".edf",))
        if path.stem.endswith(_EXPERT)
    ]
    nights, findings = _together(
        folder,
        recordings,
        marks,
        f"{signals}/S0001/NAME_ses-1.edf with human_annotations/S0001/NAME_ses-1{_EXPERT}.edf",
    )
    return tuple(replace(night, form="challenge-2026") for night in nights), findings


def _session(stem: str) -> str:
    """Return a name with its session written in one way: the description has two."""
    return _SESSION.sub("_ses-", stem)


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
