"""The folder of each night: there with everything in it, or not there.

What is being written has a name of its own until it is complete, so that a worker that is killed
leaves nothing under the name of a night.
"""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

NIGHTS_FOLDER = "nights"


@contextmanager
def new_folder(out: Path, night_id: str, owner: str) -> Iterator[Path]:
    """Give a folder that appears under the name of the night when everything in it was written.

    Parameters
    ----------
    out : Path
        Folder of the batch.
    night_id : str
    owner : str
        Name of the ledger; marks what is half written as that of one batch or shard.
    """
    target = out / NIGHTS_FOLDER / night_id
    part = target.with_name(f"{part_prefix(owner)}{secrets.token_hex(4)}")
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, part, ignore_errors=True)
        part.mkdir()
        yield part
        remove_folder(out, night_id, owner)
        part.replace(target)


def remove_folder(out: Path, night_id: str, owner: str) -> None:
    """Remove the folder of a night, which never is there in part; nothing if there is none."""
    target = out / NIGHTS_FOLDER / night_id
    old = target.with_name(f"{part_prefix(owner)}{secrets.token_hex(4)}")
    with contextlib.suppress(FileNotFoundError):
        target.replace(old)
        shutil.rmtree(old, ignore_errors=True)


def sweep(out: Path, owner: str) -> None:
    """Remove what an earlier run of this batch or shard was writing when it was killed."""
    for path in (out / NIGHTS_FOLDER).glob(f"{part_prefix(owner)}*"):
        shutil.rmtree(path, ignore_errors=True)


def part_prefix(owner: str) -> str:
    """Return how the names of folders begin that are being written."""
    return f".part-{owner}."
