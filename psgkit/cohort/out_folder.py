"""The folder of a batch: its settings, its lock, and the folder of each night."""

import contextlib
import errno
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from psgkit._version import __version__
from psgkit.cohort.plan.content import digest_of
from psgkit.core.dataclass import dataclass
from psgkit.core.lab import Letterhead
from psgkit.core.regex import regex
from psgkit.days.settings import DaysSettings
from psgkit.document.values import plain
from psgkit.errors import PsgkitError, SettingsError
from psgkit.io.files import real_path
from psgkit.io.new_files import is_full, sync_folder, sync_names
from psgkit.report.write import write_texts
from psgkit.settings import Settings

SCHEMA = "psgkit.batch/1"
BATCH_FILE = "batch.json"
UNREADABLE = f"{BATCH_FILE} cannot be read"
MOST_DIFFERENCES_N = 5
"""Differences named in a message; psgkit's own choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchFacts:
    """Settings and kind of source that all nights of a batch share.

    Attributes
    ----------
    settings : mapping
        Every setting, as plain values, and the outputs wanted.
    source_kind : str
    """

    settings: Mapping[str, Any]
    source_kind: str

    @property
    def digest(self) -> str:
        """Return the digest of the settings."""
        return digest_of(self.settings)

    def as_json(self) -> str:
        """Return the text of ``batch.json``."""
        facts = {
            "schema": SCHEMA,
            "psgkit": {"version": __version__},
            "settings_digest": self.digest,
            "source": self.source_kind,
            "settings": self.settings,
        }
        return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def facts_of(
    settings: Settings,
    days: DaysSettings,
    source_kind: str,
    output: Mapping[str, bool | str],
    letterhead: Letterhead | None,
) -> BatchFacts:
    """Return the facts of a batch.

    Parameters
    ----------
    settings : Settings
        For nights.
    days : DaysSettings
        For recordings of days.
    source_kind : str
    output : mapping
        The outputs wanted, by the names of their options.
    letterhead : Letterhead or None
    """
    logo = letterhead.logo if letterhead is not None else None
    lab = {
        "name": letterhead.name if letterhead is not None else "",
        "logo": hashlib.sha256(logo.png).hexdigest() if logo is not None else "",
    }
    if letterhead is not None and letterhead.paper != "a4":
        lab["paper"] = letterhead.paper
    values = {
        **plain(settings.as_dict()),
        **output,
        "lab": lab,
        "days": plain(days.as_dict()),
    }
    return BatchFacts(settings=values, source_kind=source_kind)


def refuse_among_originals(out: Path, root: Path | None, holders: Iterable[Path]) -> None:
    """Raise ``SettingsError`` if the output folder contains recordings or is inside their folder.

    Parameters
    ----------
    out : Path
    root : Path or None
        The folder that was searched; None for a manifest.
    holders : iterable of Path
        Folders of the recordings of a manifest, beside which results may lie.
    """
    target = real_path(out)
    searched = None if root is None else real_path(root)
    if searched is not None and target.is_relative_to(searched):
        raise SettingsError(
            f"--out {out}",
            "a folder inside the source",
            "a folder of its own",
            "The next run would take the results for recordings.",
        )
    folders = {real_path(one) for one in set(holders)} | ({searched} if searched else set())
    if any(one.is_relative_to(target) for one in folders):
        raise SettingsError(f"--out {out}", "a folder that holds recordings", "another folder")


def claim_folder(out: Path, facts: BatchFacts, *, force: bool) -> str:
    """Create the folder of a batch, or check that it was made with these settings.

    Returns
    -------
    str
        What was mended, for the user; else empty.

    Raises
    ------
    SettingsError
        If it holds other files, or, without ``force``, results of another version or other
        settings; if it cannot be created.
    """
    path = out / BATCH_FILE
    # looked at before the file of the batch: another shard may be making both just now
    others = [one for one in out.iterdir() if not one.name.startswith(".")] if out.is_dir() else []
    mended = ""
    if path.is_file():
        differences = differences_from(path, facts)
        if differences == [UNREADABLE]:
            # the key of each night says whether it was made with these settings
            mended = f"{BATCH_FILE} could not be read and is written again"
        elif differences and not force:
            shown = differences[:MOST_DIFFERENCES_N]
            more = len(differences) - len(shown)
            found = "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
            raise SettingsError(
                f"--out {out}",
                f"results made otherwise: {found}",
                "the same version and settings",
                "Choose another folder, or do all nights anew with --force.",
            )
        elif not differences:
            return ""
    elif others and not force:
        raise SettingsError(
            f"--out {out}", "other files in it", "an empty folder or that of a batch"
        )
    write_texts({BATCH_FILE: facts.as_json()}, out)
    return mended


def make_nights_folder(out: Path) -> None:
    """Create the folder ``nights``, which holds one folder for each night."""
    try:
        (out / NIGHTS_FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        found, wanted = error.strerror or str(error), "a folder that can be written to"
        kind = PsgkitError if is_full(error) else SettingsError
        raise kind(f"--out {out}", found, wanted) from None


def differences_from(path: Path, facts: BatchFacts) -> list[str]:
    """Return how the settings in ``batch.json`` differ from the current ones, in words."""
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
        version, settings = there["psgkit"]["version"], there["settings"]
        schema = there["schema"]
    except (OSError, ValueError, KeyError, TypeError):
        return [UNREADABLE]
    found = [] if schema == SCHEMA else [f"schema {schema} there, {SCHEMA} now"]
    found += [] if version == __version__ else [f"psgkit {version} there, {__version__} now"]
    then, now = dict(_leaves(settings)), dict(_leaves(facts.settings))
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            found.append(f"{name} {then.get(name)!r} there, {now.get(name)!r} now")
    return found


def _leaves(values: Any, name: str = "") -> Iterator[tuple[str, object]]:  # noqa: ANN401 - JSON
    """Yield each plain value of nested mappings with its path."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _leaves(value, f"{name}.{key}" if name else str(key))
    else:
        yield name, json.loads(json.dumps(values))


@contextmanager
def only_run(out: Path, owner: str) -> Iterator[None]:
    """Lock the folder, or one shard of it, for this run; the lock ends with the process.

    Raises
    ------
    SettingsError
        If another run holds it.
    """
    # the operating system releases a lock when the process ends; a marker file would remain
    lock = FileLock(out / f".{owner}.lock", blocking=False, fallback_to_soft=False)
    try:
        held = lock.acquire()
    except Timeout:
        where, found = f"--out {out}", f"another batch at work on {owner}"
        raise SettingsError(where, found, "one at a time") from None
    except OSError as error:
        closed = error.errno in (errno.EACCES, errno.EROFS, errno.ENOENT)
        found = "one that nothing can be written to" if closed else error.strerror or str(error)
        raise PsgkitError(str(out), found, "a folder that can be written to") from None
    with held:
        yield


def names_of_nights(out: Path) -> set[str]:
    """Return the names of nights that have a folder."""
    folder = out / NIGHTS_FOLDER
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


MOUNTS = Path("/proc/self/mountinfo")
"""What the kernel of Linux says about its disks (proc(5)); other systems say nothing here."""
_NETWORK = regex(
    r"nfs\d?|cifs|smb\d?|smbfs|lustre|gpfs|beegfs|ceph|glusterfs|pvfs2|panfs|afs|9p|virtiofs"
    r"|fuse\..*"
)
"""Kinds of file systems that other machines may write to at the same time, or that may be one."""
_ESCAPED = regex(r"\\([0-7]{3})")


def is_network(folder: Path) -> bool:
    """Return whether the folder is on a network file system; False if that is not known.

    Parameters
    ----------
    folder : Path
        It need not exist.
    """
    if not MOUNTS.is_file():
        return False
    lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return _NETWORK.fullmatch(kind_of(folder, lines)) is not None


def kind_of(folder: Path, mounts: list[str]) -> str:
    r"""Return the type of the file system of a folder, from the lines of ``mountinfo``.

    Examples
    --------
    >>> lines = [
    ...     "22 1 254:0 / / rw - ext4 /dev/vda rw",
    ...     "31 22 0:40 / /lab\\040data rw shared:1 - nfs4 server:/export rw",
    ... ]
    >>> kind_of(Path("/lab data/nights"), lines), kind_of(Path("/home"), lines)
    ('nfs4', 'ext4')
    """
    where = real_path(folder)
    found, kind = Path(), ""
    for line in mounts:
        place, _, source = line.partition(" - ")
        point = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), place.split(" ")[4]))
        # of two file systems mounted at one path the later one is visible
        if where.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, source.split(" ")[0]
    return kind


NIGHTS_FOLDER = "nights"
SUPERSEDED_FOLDER = "superseded"
"""Nights that the source no longer holds; neither tables nor cohort pages show them."""


def supersede(out: Path, night_ids: Iterable[str], owner: str) -> None:
    """Move the folders of nights out of the batch, replacing older ones of the same name."""
    for night_id in night_ids:
        source = out / NIGHTS_FOLDER / night_id
        if not source.is_dir():
            continue
        target = out / SUPERSEDED_FOLDER / night_id
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        source.replace(target)
    sweep(out, owner)


def purge(out: Path, night_ids: Iterable[str], owner: str) -> int:
    """Delete the folders of nights, and all superseded ones; return how many those were."""
    for night_id in night_ids:
        remove_folder(out, night_id, owner)
    folder = out / SUPERSEDED_FOLDER
    names = list(folder.iterdir()) if folder.is_dir() else []
    if names:
        shutil.rmtree(folder)
    return len(names)


@contextmanager
def new_folder(out: Path, night_id: str, owner: str) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to ``night_id`` when the block ends without error.

    Parameters
    ----------
    out : Path
        Folder of the batch.
    night_id : str
    owner : str
        Name of the ledger; part of the temporary name, so that each shard removes only its files.
    """
    target = out / NIGHTS_FOLDER / night_id
    part = target.with_name(f"{part_prefix(owner)}{secrets.token_hex(4)}")
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, part, ignore_errors=True)
        part.mkdir()
        yield part
        sync_folder(part)
        remove_folder(out, night_id, owner)
        part.replace(target)
        sync_names(target.parent)


def remove_folder(out: Path, night_id: str, owner: str) -> None:
    """Remove the folder of a night if it exists; renamed first, so no part remains visible."""
    target = out / NIGHTS_FOLDER / night_id
    old = target.with_name(f"{part_prefix(owner)}{secrets.token_hex(4)}")
    with contextlib.suppress(FileNotFoundError):
        target.replace(old)
        shutil.rmtree(old, ignore_errors=True)


def sweep(out: Path, owner: str) -> None:
    """Remove the temporary folders of an earlier run of this batch or shard that was killed."""
    for path in (out / NIGHTS_FOLDER).glob(f"{part_prefix(owner)}*"):
        shutil.rmtree(path, ignore_errors=True)


def part_prefix(owner: str) -> str:
    """Return the prefix of the names of temporary folders."""
    return f".part-{owner}."
