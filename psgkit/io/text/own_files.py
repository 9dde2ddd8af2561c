"""Names and readers of the JSON files that psgkit writes, for messages on a misplaced file.

Every document states its ``schema``; a reader that wanted something else says what was given, and
which command or option reads it.
"""

from psgkit.core.dataclass import dataclass
from psgkit.core.regex import regex

_SCHEMA = regex(r'"schema"\s*:\s*"(psgkit\.[a-z_.]+)/\d+"')
_HEAD = 4096
"""Characters from the start in which a document states its schema."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnFile:
    """A kind of file that psgkit writes: its words, and what reads it."""

    words: str
    read_by: str


_FILES = {
    "psgkit.night": OwnFile(
        words="a night report (report.json)",
        read_by="psgkit nights, compare, export and score read it.",
    ),
    "psgkit.sit": OwnFile(
        words="a report of an immobilisation test (sit.json)",
        read_by="It is a test: psgkit report NIGHT --sit FILE puts it beside its night.",
    ),
    "psgkit.rest_test": OwnFile(
        words="a report of a rest test (rest_test.json)",
        read_by="It is a test lying, seated and standing, and no option puts it beside a night; "
        "psgkit report RECORDING --protocol rest-test makes it and its page, and --sit takes the "
        "sit.json of --protocol sit or msit.",
    ),
    "psgkit.days": OwnFile(
        words="a report of days of actigraphy", read_by="Nothing reads it back; see its page."
    ),
    "psgkit.nights": OwnFile(
        words="a report of several nights (nights.json)",
        read_by="Give the reports of the nights, not what was made of them.",
    ),
    "psgkit.trace": OwnFile(
        words="a trace of a night", read_by="psgkit report --keep-trace keeps it for its page."
    ),
    "psgkit.agreement": OwnFile(
        words="an agreement of two scorings", read_by="psgkit compare makes it."
    ),
}


def own_file(schema: object) -> OwnFile | None:
    """Return what a document of a schema is, None for another.

    Examples
    --------
    >>> own_file("psgkit.rest_test/1").words, own_file("moonshine/1")
    ('a report of a rest test (rest_test.json)', None)
    """
    return _FILES.get(schema.partition("/")[0]) if isinstance(schema, str) else None


def own_file_of_text(text: str) -> OwnFile | None:
    """Return what a text that psgkit wrote is, None for any other text.

    Examples
    --------
    >>> own_file_of_text('{"schema": "psgkit.sit/1"}').words[:36]
    'a report of an immobilisation test ('
    >>> own_file_of_text("onset_s,stage") is None
    True
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None
    found = _SCHEMA.search(text[:_HEAD])
    return None if found is None else own_file(found[1])
