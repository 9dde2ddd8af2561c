"""Which files of a folder are EDF or BDF recordings, and where a copy of one may be written."""

from dataclasses import dataclass
from pathlib import Path

from psgkit.errors import InputFileError, SettingsError

SUFFIXES = (".edf", ".bdf", ".rec")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file that was asked for.

    Attributes
    ----------
    path : Path
    name : str
        Its name, with the folders below the one that was asked for.
    folder : Path or None
        The folder that was asked for; None if the file itself was.
    """

    path: Path
    name: str
    folder: Path | None = None


def find_recordings(path: str | Path) -> list[Source]:
    """Return the file itself, or the recordings anywhere in a folder, in order of their names.

    Raises
    ------
    InputFileError
        If a folder holds none.
    """
    path = Path(path)
    if not path.is_dir():
        return [Source(path=path, name=path.name)]
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        wanted = " or ".join(f"*{suffix}" for suffix in SUFFIXES)
        raise InputFileError(str(path), "no recording", f"{wanted} in this folder")
    return [Source(path=p, name=p.relative_to(path).as_posix(), folder=path) for p in found]


def refuse_own_folder(sources: list[Source], folder: str | Path) -> None:
    """Raise ``SettingsError`` if copies in ``folder`` could replace or join what was asked for.

    Examples
    --------
    >>> refuse_own_folder([Source(path=Path("data/night.edf"), name="night.edf")], "copies")
    """
    target = Path(folder).resolve()
    for source in sources:
        own = source.path.resolve().parent
        asked = source.folder.resolve() if source.folder else None
        if target == own or (asked and target.is_relative_to(asked)):
            raise SettingsError(
                str(folder),
                f"the folder of {source.name}" if target == own else "a folder among the originals",
                "another folder: the originals are never touched",
            )
    names = [source.name for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(names) > 1 else []
    if twice:
        raise SettingsError(str(folder), f"two files called {twice[0]}", "one file of each name")
