"""Which program wrote a text: by its content, never by the name of the file."""

from collections.abc import Callable
from datetime import datetime

from psgkit.errors import InputFileError
from psgkit.io.scoring.formats import domino, luna, noxturnal, nsrr, remlogic
from psgkit.io.scoring.formats.embla import FORMAT as EMBLA
from psgkit.io.scoring.formats.embla import embla_marks
from psgkit.io.scoring.formats.xml_tree import is_xml, parsed_xml
from psgkit.io.scoring.marks import MarkList
from psgkit.io.text.read import lines_of

HEAD_CHARACTERS = 65536
LONGEST_LINE = 20_000
"""No row of a scoring is longer; a text of one endless line is none."""
KNOWN_FORMATS = (
    "EDF+ annotations, a table with onset, duration and stage or kind, BIDS events, one stage a "
    "line, RemLogic text, DOMINO text, Noxturnal CSV, Compumedics, NSRR or Embla XML, or Luna "
    "annotations"
)

Reader = Callable[[str, str, datetime | None], MarkList]

_TEXTS: tuple[tuple[str, Callable[[str], bool], Reader], ...] = (
    (domino.FORMAT, domino.is_domino, domino.domino_marks),
    (remlogic.FORMAT, remlogic.is_remlogic, remlogic.remlogic_marks),
    (noxturnal.FORMAT, noxturnal.is_noxturnal, noxturnal.noxturnal_marks),
    (luna.FORMAT, luna.is_luna, luna.luna_marks),
)
XML_FORMATS = {
    "CMPStudyConfig": nsrr.PROFUSION,
    "PSGAnnotation": nsrr.NSRR,
    "EventExport": EMBLA,
}


def vendor_reader(text: str, where: str) -> Reader | None:
    """Return what reads the text of a scoring program; None for tables and lists of stages.

    Raises
    ------
    InputFileError
        If a line is endless.
    """
    head = text[:HEAD_CHARACTERS]
    if is_xml(head):
        return _xml_marks
    reader = next((reader for _, fits, reader in _TEXTS if fits(head)), None)
    longest = max(map(len, lines_of(head if reader is None else text)))
    if longest > LONGEST_LINE:
        found = f"a line of more than {LONGEST_LINE} characters"
        raise InputFileError(where, found, KNOWN_FORMATS)
    return reader


def text_format(head: str) -> str | None:
    """Return the format whose text begins like ``head``, in words; None for tables and lists.

    Examples
    --------
    >>> text_format("RemLogic Event Export")
    'RemLogic text'
    """
    return next((name for name, fits, _ in _TEXTS if fits(head)), None)


def _xml_marks(text: str, where: str, start: datetime | None) -> MarkList:
    """Return the marks of the XML of a program, told by its root."""
    root = parsed_xml(text, where)
    if root.tag == "CMPStudyConfig":
        return nsrr.profusion_marks(root, where)
    if root.tag == "PSGAnnotation":
        return nsrr.nsrr_marks(root, where)
    if root.tag == "EventExport":
        return embla_marks(root, where, start)
    raise InputFileError(
        where, f"XML with the root {str(root.tag)[:40]!r}", f"one of {', '.join(XML_FORMATS)}"
    )
