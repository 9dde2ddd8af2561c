"""Which files the folder of a night holds, so that a damaged result is noticed and made again."""

import json
import os
from pathlib import Path

from psgkit.io.files import sha256_of


def results_of(folder: Path) -> str:
    """Return names and sizes of all files in a folder and one digest of all, as JSON."""
    sizes = _sizes(folder)
    return json.dumps({"sizes": sizes, "sha256": _digest(folder, sizes)}, sort_keys=True)


def holds(folder: Path, results: str, *, verify: bool = False) -> bool:
    """Return whether a folder holds the files it held when the night was done.

    Parameters
    ----------
    folder : Path
    results : str
        From ``results_of``; empty in ledgers of earlier versions, when any folder will do in which
        no file is empty.
    verify : bool
        Whether every byte is read; else sizes are compared.
    """
    try:
        sizes = _sizes(folder)
        if not results:
            return bool(sizes) and all(sizes.values())
        wanted = json.loads(results)
        if any(sizes.get(name) != size for name, size in wanted["sizes"].items()):
            return False
        return not verify or _digest(folder, wanted["sizes"]) == wanted["sha256"]
    except OSError:
        return False


def _sizes(folder: Path, within: str = "") -> dict[str, int]:
    """Return the size of each file; ``pathlib`` takes ten times as long for thousands of nights."""
    found: dict[str, int] = {}
    with os.scandir(folder / within) as entries:
        for entry in entries:
            name = f"{within}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                found |= _sizes(folder, f"{name}/")
            else:
                found[name] = entry.stat(follow_symlinks=False).st_size
    return found


def _digest(folder: Path, names: dict[str, int]) -> str:
    from hashlib import sha256

    whole = sha256()
    for name in sorted(names):
        whole.update(f"{name} {sha256_of(folder / name)}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()
