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
    "movements without inner restlessness (pseudoakathisia)",
    *("restless legs", "restless arms", "a restless back", "restless back", "both conditions"),
    *("urge", "rest", "relief", "no other explanation", "weakly", "moderately", "for", "against"),
    *("itching", "crawling", "burning", "tingling", "pain", "ache", "ADHD", "tardive dyskinesia"),
    *("a habit of tapping the feet", "evening worsening", "worsening on lying", "affirmed"),
    *("denied", "doubtful", "possible", "probable", "definite", "normal", "low", "high", "yes"),
    *("no", "dialysis", "observation", "unverified", "simulated", "the same day", "remission"),
    *("improvement", "worsening", "no change", "remission {0}", "improvement {0}"),
    *("worsening {0}", "no change {0}", "the recording", "the simulated recording"),
    *("the immobilisation test", "the simulated immobilisation test", "the rest test"),
    *("the simulated rest test", "the days of actigraphy", "the simulated days of actigraphy"),
    "{0} points",
    *("1 to 3", "1 to 4", "1 to 5", "2 to 4", "2 to 5", "3 to 5"),
    *("a sensation localised in the legs", "a sensation localised in the arms"),
    *("a sensation localised in the back", "a sensation localised in the legs and arms"),
    *("a sensation localised in the legs and back", "a sensation localised in the arms and back"),
    *("a sensation localised in the arms and legs", "a sensation localised in the back and legs"),
    "a sensation localised in the back and arms",
    *("psgkit's own reasoning", "renal function", "creatinine", "BARS {0}"),
    *("legs: {0}", "arms: {0}", "trunk: {0}", "ankle", "foot", "shin", "calf", "thigh", "wrist"),
    *("hand", "forearm", "upper arm", "chest", "abdomen", "hip", "waist", "lumbar", "sternum"),
    "recorder",
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
