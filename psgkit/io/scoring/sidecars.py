"""Scoring files beside a recording that share its name, recognised by their first lines."""

import os
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path

from psgkit.core.dataclass import dataclass
from psgkit.core.events import KNOWN_KINDS
from psgkit.core.finding import Finding
from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.edf.header import ANNOTATION_LABELS, FIXED_BYTES, SIGNAL_FIELDS, SIGNALS_N
from psgkit.io.scoring.annotations import EDF_FORMAT
from psgkit.io.scoring.columns import columns_of, first_with
from psgkit.io.scoring.marks import Scoring, Wanted
from psgkit.io.scoring.read import read_scoring
from psgkit.io.scoring.recognise import HEAD_CHARACTERS, format_of_text
from psgkit.io.scoring.stage_codes import StageCodes, read_stages
from psgkit.io.scoring.table_text import is_list, table_in
from psgkit.io.scoring.words import kind_of_text, number_of_word, says_plm, stage_of_word
from psgkit.io.text.read import EDF_SUFFIXES, decode_text, lines_of, open_kind

MOST_FILES_N = 100_000
"""Files of a folder that are looked at; a folder of more is no place to search."""
MOST_NAMED_N = 6
FEWEST_LINES_N = 3
"""Two lines that happen to be stage words are no night."""
_MOST_CODES_N = 10
_BIDS_SUFFIX = regex(r"_(eeg|psg|emg|ieeg|meg)$", re.I)
_SLEEP_EDF = regex(r"(.{6,})[A-Z0-9]-PSG$", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sidecar:
    """A scoring file beside a recording, with its format in words."""

    path: Path
    format: str


def find_sidecars(recording: str | os.PathLike[str]) -> tuple[Sidecar, ...]:
    r"""Return the scoring files beside a recording, by name.

    A file belongs to ``STEM.edf`` if its name is ``STEM`` and more (``STEM.csv``,
    ``STEM_events.tsv``, ``STEM-Hypnogram.edf``), or ends in `` - STEM`` as files of DOMINO do, and
    no other recording has a longer part of its name.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "night_events.tsv").write_text("onset\tduration\ttrial_type\n")
    >>> [found.path.name for found in find_sidecars(folder / "night.edf")]
    ['night_events.tsv']
    """
    path = Path(recording)
    names = names_beside(path.name, FolderNames.of(path.parent))
    files = (path.parent / name for name in names)
    found = ((file, format_of_head(file)) for file in files if file.is_file())
    return tuple(Sidecar(path=file, format=written_as) for file, written_as in found if written_as)


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderNames:
    """The names in a folder, sorted, listed once for all recordings in it.

    ``named_last`` has the names by what follows a `` - `` in them, without the suffix.
    """

    names: tuple[str, ...] = ()
    named_last: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "FolderNames":
        """Return the names in a folder; empty if it cannot be listed."""
        try:
            with os.scandir(folder) as entries:
                found = [entry.name for _, entry in zip(range(MOST_FILES_N), entries, strict=False)]
        except OSError:
            return cls()
        return cls.from_names(found)

    @classmethod
    def from_names(cls, found: Collection[str]) -> "FolderNames":
        """Return these names, sorted."""
        last: dict[str, list[str]] = {}
        for name in sorted(name for name in found if " - " in name):
            stem = Path(name).stem
            for end in re.findall(r"(?= - (.*))", stem, re.DOTALL):
                last.setdefault(end, []).append(name)
        ends = {end: tuple(names) for end, names in last.items()}
        return cls(names=tuple(sorted(found)), named_last=ends)

    def belonging_to(self, stem: str) -> set[str]:
        """Return the names that belong to a stem, also those that belong to another."""
        found = set(self.named_last.get(stem, ()))
        at = bisect_left(self.names, stem)
        while at < len(self.names) and self.names[at].startswith(stem):
            found.add(self.names[at])
            at += 1
        return {name for name in found if _belongs(Path(name).stem, stem)}


def names_beside(recording: str, folder: FolderNames) -> list[str]:
    """Return the names in a folder that belong to a recording by name.

    Examples
    --------
    >>> folder = FolderNames.from_names(["n.edf", "n.csv", "n_2.edf", "n_2.csv", "m.csv"])
    >>> names_beside("n.edf", folder)
    ['n.csv', 'n_2.edf']
    """
    stems = _stems(Path(recording).stem)
    own = set().union(*(folder.belonging_to(stem) for stem in stems)) - {recording}
    recordings = {name for name in own if Path(name).suffix.lower() in EDF_SUFFIXES}
    longer = {Path(name).stem for name in recordings}
    found = []
    for name in sorted(own):
        its_stem = Path(name).stem
        if name not in recordings and any(_belongs(its_stem, other) for other in longer):
            continue
        found.append(name)
    return found


def format_of_head(path: Path) -> str | None:
    r"""Return the scoring format of a file by its first lines, in words; None if it is no scoring.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "night.csv"
    >>> _ = file.write_text("onset_s,duration_s,stage\n")
    >>> format_of_head(file), format_of_head(file.with_name("none.csv")) is None
    ('a table of stages', True)
    """
    try:
        if open_kind(path) == "edf":
            return EDF_FORMAT if _is_all_annotations(path) else None
        with path.open("rb") as file:
            head = decode_text(file.read(2 * HEAD_CHARACTERS), path.name)
    except (OSError, PsgkitError):
        return None
    program = format_of_text(head)
    return _format_of_table(head) if program is None else program.name


def _is_all_annotations(path: Path) -> bool:
    """Return whether the signals of an EDF file are all annotations, by its header."""
    width = SIGNAL_FIELDS["label"]
    with path.open("rb") as file:
        written = file.read(FIXED_BYTES)[SIGNALS_N.at :].strip()
        labels = file.read(int(written) * width) if written.isdigit() else b""
    names = {labels[at : at + width].strip() for at in range(0, len(labels), width)}
    return bool(names) and names <= {label.encode() for label in ANNOTATION_LABELS}


def _format_of_table(head: str) -> str | None:
    """Return the content of a table or list by its first lines; None if it is no scoring."""
    lines = [line.strip() for line in lines_of(head) if line.strip()]
    if lines and not is_list(head):
        return _format_by_columns(head)
    # the first line may be a header, the last may be truncated
    words = lines[1:-1] if len(lines) > FEWEST_LINES_N else []
    if len(words) < FEWEST_LINES_N:
        return None
    if all(number_of_word(word) is not None for word in words):
        known = all(abs(number_of_word(word) or 0) < _MOST_CODES_N for word in words)
        return "one stage a line" if known else None
    try:
        read = read_stages(words, [""] * len(words), "head")
    except PsgkitError:
        return None
    return None if read.unknown_n else "one stage a line"


def _format_by_columns(head: str) -> str | None:
    """Return what a table holds by its columns and the words in its first rows."""
    # the last line may be truncated
    whole = head.rpartition("\n")[0] if len(head) >= HEAD_CHARACTERS else head
    try:
        table = table_in(whole, "head")
    except PsgkitError:
        return None
    columns = columns_of(table.header)
    stage, event = first_with(columns, "stage"), first_with(columns, "event")
    if first_with(columns, "onset") is None or (stage is None and event is None):
        return None
    if not len(table):
        return "a table of events" if event is not None else "a table of stages"
    words = {word for one in (stage, event) if one is not None for word in table.columns[one.at]}
    if any(kind_of_text(word) is not None or says_plm(word) for word in words):
        return "a table of events"
    # a column that is called stage holds stages, unknown ones too: reading them says which
    is_stage = stage is not None or any(stage_of_word(word) is not None for word in words)
    return "a table of stages" if is_stage else None


def unused_findings(found: Sequence[Sidecar]) -> tuple[Finding, ...]:
    """Return a finding on unused scoring files beside the recording."""
    return tuple(
        Finding(
            "info",
            "sidecar.not_used",
            sidecar.path.name,
            translatable(
                f"this file beside the recording ({sidecar.format}) is not used; --sidecar uses it"
            ),
        )
        for sidecar in found[:MOST_NAMED_N]
    )


def read_sidecars(
    recording: str | os.PathLike[str],
    found: Sequence[Sidecar],
    start: datetime | None,
    wanted: Collection[Wanted] = ("stages", "events"),
    codes: StageCodes | None = None,
) -> Scoring:
    """Return the combined scoring in the files beside a recording.

    Parameters
    ----------
    recording : path
    found : sequence of Sidecar
        As ``find_sidecars`` returns them.
    start : datetime or None
        Clock time of second 0 of the recording.
    wanted : collection of str
        ``stages`` and ``events``, except those read from a file named by the user.
    codes : StageCodes, optional
        What words or numbers for stages mean.

    Raises
    ------
    SettingsError
        If there is none, or two hold stages or the same kind of event.
    InputFileError, TableError
        If one cannot be read.
    """
    name = Path(recording).name
    if not found:
        stem = Path(recording).stem
        raise SettingsError(
            "--sidecar",
            f"no scoring file beside {name}",
            f"one that shares its name, such as {stem}.csv or {stem}_events.tsv",
            "Name the files with --hypnogram and --events.",
        )
    read = [
        (sidecar.path.name, _wanted(read_scoring(sidecar.path, start, codes=codes), wanted))
        for sidecar in found
    ]
    staged = [(name, one.hypnogram) for name, one in read if one.hypnogram is not None]
    if len(staged) > 1:
        _refuse("stages", [name for name, _ in staged], "--hypnogram")
    events = None
    for kind in KNOWN_KINDS:
        holders = [name for name, one in read if one.events and (one.events.kind == kind).any()]
        if len(holders) > 1:
            _refuse(translatable(f"events {kind!r}"), holders, "--events")
    for _, one in read:
        if one.events is not None:
            events = one.events if events is None else events.joined_with(one.events)
    return Scoring(
        hypnogram=staged[0][1] if staged else None,
        events=events,
        format=", ".join(dict.fromkeys(one.format for _, one in read)),
        findings=tuple(
            finding
            for name, one in read
            if one.hypnogram is not None or one.events is not None
            for finding in _used(name, one)
        ),
        start=start,
    )


def _wanted(scoring: Scoring, wanted: Collection[str]) -> Scoring:
    """Return the scoring without what is not wanted."""
    return replace(
        scoring,
        hypnogram=scoring.hypnogram if "stages" in wanted else None,
        events=scoring.events if "events" in wanted else None,
    )


def _used(name: str, one: Scoring) -> tuple[Finding, ...]:
    """Return the findings of one file, after the one that names it."""
    parts = [what for what, held in (("stages", one.hypnogram), ("events", one.events)) if held]
    message = translatable(
        f"{' and '.join(parts) or 'nothing'} read from this file beside the recording "
        f"({one.format})"
    )
    used = Finding("info", "sidecar.used", name, message)
    return (used, *one.findings)


def _refuse(what: str, names: Sequence[str], option: str) -> None:
    """Raise ``SettingsError``: the user has to choose between the files."""
    named = ", ".join(names[:MOST_NAMED_N]) + (", ..." if len(names) > MOST_NAMED_N else "")
    raise SettingsError(
        "--sidecar", f"{what} in {len(names)} files: {named}", "one", f"Name it with {option}."
    )


def _stems(stem: str) -> tuple[str, ...]:
    """Return the prefixes of sidecar names: the stem, or its shorter form in BIDS and Sleep-EDF."""
    stems = [stem, _BIDS_SUFFIX.sub("", stem)]
    sleep_edf = _SLEEP_EDF.fullmatch(stem)
    if sleep_edf:
        stems.append(sleep_edf[1])
    return tuple(dict.fromkeys(stems))


def _belongs(name: str, stem: str) -> bool:
    """Return whether a name without its suffix is the stem, or the stem and more."""
    if not stem:
        return False
    if name.endswith(f" - {stem}"):
        return True
    rest = name[len(stem) :]
    if not name.startswith(stem):
        return False
    if _SLEEP_EDF.fullmatch(f"{stem}0-PSG") and re.fullmatch(r"[A-Z0-9]-Hypnogram", rest):
        return True
    return not rest or not rest[0].isalnum()
