"""What a file beside a recording seems to hold, by its first lines: fast, and never an error."""

import re
from pathlib import Path

from psgkit.errors import PsgkitError
from psgkit.io.scoring.formats.xml_tree import is_xml
from psgkit.io.scoring.recognise import HEAD_CHARACTERS, XML_FORMATS, text_format
from psgkit.io.scoring.stage_tables import STAGE_COLUMNS, TIME_COLUMNS
from psgkit.io.scoring.stage_words import stages_of_words
from psgkit.io.scoring.tables import EVENT_COLUMNS
from psgkit.io.text.read import decode_text, lines_of, open_kind
from psgkit.io.text.tables import delimiter_of

FEWEST_LINES_N = 3
"""Two lines that happen to be stage words are no night."""
SIGNALS_N_AT = range(252, 256)
LABELS_AT = 256
LABEL_BYTES = 16
ANNOTATION_LABELS = (b"EDF Annotations", b"BDF Annotations")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")


def format_of_head(path: Path) -> str | None:
    r"""Return the scoring format a file begins like, in words; None if it is no scoring.

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
            return _format_of_edf(path)
        with path.open("rb") as file:
            content = file.read(2 * HEAD_CHARACTERS)
        return _format_of_text(decode_text(content, path.name))
    except (OSError, PsgkitError):
        return None


def _format_of_edf(path: Path) -> str | None:
    """Return "EDF+ annotations" for a file whose signals are all annotations, by its header."""
    with path.open("rb") as file:
        file.seek(SIGNALS_N_AT.start)
        written = file.read(len(SIGNALS_N_AT)).strip()
        if not written.isdigit():
            return None
        file.seek(LABELS_AT)
        labels = file.read(int(written) * LABEL_BYTES)
    names = [labels[at : at + LABEL_BYTES].strip() for at in range(0, len(labels), LABEL_BYTES)]
    is_scoring = bool(names) and all(name in ANNOTATION_LABELS for name in names)
    return "EDF+ annotations" if is_scoring else None


def _format_of_text(head: str) -> str | None:
    if is_xml(head):
        body = re.sub(r"<[?!][^<>]*>", "", head)
        root = _ROOT.search(body)
        return XML_FORMATS.get(root[1]) if root else None
    return text_format(head) or _format_of_table(head)


def _format_of_table(head: str) -> str | None:
    """Return what a table or list holds, by its first lines."""
    lines = [line.strip() for line in lines_of(head) if line.strip()]
    if not lines:
        return None
    delimiter = delimiter_of(lines[0])
    if delimiter:
        cells = {cell.strip(" \"'").casefold() for cell in lines[0].split(delimiter)}
        if not cells & set(TIME_COLUMNS):
            return None
        if cells & set(EVENT_COLUMNS):
            return "a table of events"
        return "a table of stages" if cells & set(STAGE_COLUMNS) else None
    # the first may be a heading, the last may be cut
    words = lines[1:-1] if len(lines) > FEWEST_LINES_N else []
    try:
        stages, _ = stages_of_words(words, range(len(words)), "head")
    except PsgkitError:
        return None
    return "one stage a line" if len(stages) >= FEWEST_LINES_N else None
