"""Text from outside (labels, annotations, file names), made harmless for each kind of output."""

from psgkit.core.regex import regex

_UNSHOWN = regex(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_WHITE = regex(r"[\t\n\v\f\r]+")
_SURROGATES = regex("[\ud800-\udfff]")
_FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
FORMULA_INSIDE = "([;\t] *)([=+\\-@\uff1d\uff0b\uff0d\uff20])"
"""A formula behind a separator that spreadsheets of other countries split cells at; the pattern is
in the common syntax of ``re`` and RE2."""
_INSIDE = regex(FORMULA_INSIDE)


def visible(text: str) -> str:
    r"""Return ``text`` on one line, with control and direction characters spelled out.

    Examples
    --------
    >>> visible("EMG\x1b[31m\nleg")
    'EMG\\x1b[31m leg'
    """
    if text.isprintable():  # as nearly all are: no character of those below is printable
        return text
    spelled = _UNSHOWN.sub(lambda found: ascii(found[0])[1:-1], _WHITE.sub(" ", text))
    return encodable(spelled)


def encodable(text: str) -> str:
    """Return ``text`` as UTF-8 can hold it: half characters become the replacement character."""
    return _SURROGATES.sub("\ufffd", text)


def end_of(name: str, longest: int) -> str:
    """Return a name, or its last part where it is too long for a line.

    Examples
    --------
    >>> end_of("night.edf", 9), end_of("subject-1/night.edf", 12)
    ('night.edf', '...night.edf')
    """
    return name if len(name) <= longest else f"...{name[3 - longest :]}"


def bare_name(source: str) -> str:
    r"""Return a file name without its folders, whichever system wrote it.

    Examples
    --------
    >>> bare_name("/home/someone/night.edf"), bare_name("C:\\data\\night.edf")
    ('night.edf', 'night.edf')
    """
    return source.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def csv_cell(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula: such text gets a quote first.

    Where the list separator is a semicolon, a spreadsheet splits unquoted cells at it, so that what
    follows it is guarded, too.

    Examples
    --------
    >>> csv_cell("=cmd"), csv_cell("EMG LAT"), csv_cell("EMG;=cmd")
    ("'=cmd", 'EMG LAT', "EMG;'=cmd")
    """
    text = _INSIDE.sub(r"\1'\2", encodable(text).replace("\0", ""))
    return f"'{text}" if text.lstrip(" ")[:1] in (*_FORMULA_STARTS,) else text
