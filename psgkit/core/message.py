"""English texts that are made far from a page: findings, reasons, rules of channels.

They stay English in documents, tables and programs. ``report`` shows them in the language of a
reader (``psgkit.report.words.messages``): it recognises a text by its template, so that a report
read back from JSON is shown like the one just made.
"""

FIELD_WORDS = (
    *("missing", "flat", "saturated", "sleep", "wake", "lying", "upright", "walking", "supine"),
    *("prone", "left", "right", "before", "after", "trunk", "legs", "arms", "leg", "arm", "none"),
    *("movements", "stages", "events", "nothing", "hypnogram", "lights", "recording", "posture"),
    *("akathisia", "arousals", "respiratory events", "no role", "the EMG itself"),
    *("and", "or"),
)
"""Words that come into the texts as values; catalogues of other languages hold them, too."""


def translatable(text: str, /) -> str:
    """Return an English text, often an f-string, that catalogues of other languages hold.

    ``scripts/translations.py`` collects the argument of each call, with ``{0}``, ``{1}`` for the
    fields of an f-string.

    Examples
    --------
    >>> n = 3
    >>> translatable(f"{n} movements are left out")
    '3 movements are left out'
    """
    return text
