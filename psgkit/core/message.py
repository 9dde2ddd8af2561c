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
    *("and", "or", "evening", "by day", "in other postures", "1 day", "back"),
    *("{0} an hour", "{0} times", "{0} days", "{0} %", "{0} of {1}"),
    *("time is no date with a clock time", "severity is no number from 0 to 10"),
    "site is none of legs, arms, back, other",
    *("{0} helped", "{0} did not help", "none helped", "none failed", "; not met: {0}"),
    *("{0} was started", "{0} was raised", "symptoms improved after {0} was reduced or stopped"),
    "no improvement after {0} was reduced or stopped",
    "; movements without inner restlessness (pseudoakathisia)",
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
