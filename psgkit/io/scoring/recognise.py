"""Table of the formats of scoring programs, recognised by content, never by file name.

A new format is a module in ``formats`` and a line in ``FORMATS``.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from psgkit.core.message import translatable
from psgkit.core.regex import regex
from psgkit.errors import InputFileError
from psgkit.io.scoring.formats import domino, embla, luna, noxturnal, nsrr, remlogic, yasa
from psgkit.io.scoring.marks import MarkList
from psgkit.io.text.read import lines_of, refuse_many_lines
from psgkit.io.text.xml_tree import ROOT, parsed_xml

HEAD_CHARACTERS = 65536
LONGEST_LINE = 20_000
"""No row of a scoring is longer; a text with a longer line is no scoring."""


class Format(NamedTuple):
    """The format of one scoring program.

    Attributes
    ----------
    name : str
        In words, for findings and messages.
    head : re.Pattern
        Found in the first 65,536 characters of a file of this format and of no other; line ends
        are single line feeds, and a letter with its accent is one character.
    marks : callable
        Takes the text of the file, its name and the start of the recording (or None); returns the
        marks, or raises ``TableError`` or ``InputFileError``.
    """

    name: str
    head: re.Pattern[str]
    marks: Callable[[str, str, datetime | None], MarkList]


FORMATS = (
    Format("DOMINO text", domino.HEAD, domino.domino_marks),
    Format(translatable("RemLogic text"), remlogic.HEAD, remlogic.remlogic_marks),
    Format("Noxturnal CSV", noxturnal.HEAD, noxturnal.noxturnal_marks),
    Format(translatable("Luna annotations"), luna.HEAD, luna.luna_marks),
    Format("YASA JSON", yasa.HEAD, yasa.yasa_marks),
    Format("Compumedics Profusion XML", nsrr.PROFUSION_HEAD, nsrr.profusion_marks),
    Format("NSRR XML", nsrr.NSRR_HEAD, nsrr.nsrr_marks),
    Format("Embla XML", embla.HEAD, embla.embla_marks),
)
KNOWN_FORMATS = (
    "EDF+ annotations, a table with onset, duration and stage or kind, BIDS events, one stage a "
    f"line, {', '.join(one.name for one in FORMATS[:-1])} or {FORMATS[-1].name}"
)
_XML = regex(r"[\ufeff\s]*<")


def format_of_text(text: str) -> Format | None:
    """Return the format of a text by its beginning; None for tables, lists and others.

    Examples
    --------
    >>> format_of_text("RemLogic Event Export").name
    'RemLogic text'
    """
    head = unicodedata.normalize("NFC", "\n".join(lines_of(text[:HEAD_CHARACTERS])))
    return next((one for one in FORMATS if one.head.search(head)), None)


def checked_format(text: str, where: str) -> Format | None:
    """Return the format of a text to be read; None for tables and lists.

    Raises
    ------
    InputFileError
        If it is XML of another program, or no scoring by the length of its lines.
    """
    refuse_many_lines(text, where)
    found = format_of_text(text)
    if _XML.match(text):
        if found is None:
            tag = str(parsed_xml(text, where).tag)[:40]
            wanted = [one.name for one in FORMATS if one.head.pattern.startswith(ROOT)]
            raise InputFileError(where, f"XML with the root {tag!r}", f"one of {', '.join(wanted)}")
        return found
    if found is not None and found.head is yasa.HEAD:
        return found
    if max(map(len, lines_of(text[:HEAD_CHARACTERS] if found is None else text))) > LONGEST_LINE:
        longest = f"a line of more than {LONGEST_LINE} characters"
        raise InputFileError(where, longest, KNOWN_FORMATS)
    return found
