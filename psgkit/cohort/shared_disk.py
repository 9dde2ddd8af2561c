"""Whether a folder lies on the disk of another machine, where less can be promised."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
"""What the kernel of Linux says about its disks (proc(5)); other systems say nothing here."""
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|lustre|gpfs|beegfs|ceph|glusterfs|pvfs2|panfs|afs|9p|virtiofs"
    r"|fuse\..*"
)
"""Kinds of file systems that other machines may write to at the same time, or that may be one."""
_ESCAPED = re.compile(r"\\([0-7]{3})")


def is_network(folder: Path) -> bool:
    """Return whether other machines may have the same files open; False if that is not known.

    Parameters
    ----------
    folder : Path
        It need not be there yet.
    """
    if not MOUNTS.is_file():
        return False
    lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return _NETWORK.fullmatch(kind_of(folder, lines)) is not None


def kind_of(folder: Path, mounts: list[str]) -> str:
    r"""Return the kind of file system a folder is on, by the lines of ``mountinfo``.

    Examples
    --------
    >>> lines = [
    ...     "22 1 254:0 / / rw - ext4 /dev/vda rw",
    ...     "31 22 0:40 / /lab\\040data rw shared:1 - nfs4 server:/export rw",
    ... ]
    >>> kind_of(Path("/lab data/nights"), lines), kind_of(Path("/home"), lines)
    ('nfs4', 'ext4')
    """
    where = folder.resolve()
    found, kind = Path(), ""
    for line in mounts:
        place, _, source = line.partition(" - ")
        point = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), place.split(" ")[4]))
        # of two disks at one place the later one is seen
        if where.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, source.split(" ")[0]
    return kind
