"""Small parts of sentences that the three voices share."""

from collections.abc import Sequence

SITE_WORDS = {"legs": "legs", "arms": "arms", "back": "back"}
CRITERION_WORDS = {
    "urge": "urge",
    "rest": "rest",
    "relief": "relief",
    "evening": "evening",
    "not_explained": "no other explanation",
}


def listed(parts: Sequence[str], word: str = "and") -> str:
    """Return parts as a list in a sentence.

    Examples
    --------
    >>> listed(["rest"]), listed(["urge", "rest", "relief"])
    ('rest', 'urge, rest and relief')
    """
    if len(parts) < 2:  # noqa: PLR2004 - one part needs no list
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def capital(text: str) -> str:
    """Return text with its first letter as a capital.

    Examples
    --------
    >>> capital("onset of the arms")
    'Onset of the arms'
    """
    return text[:1].upper() + text[1:]


def days_in_words(days: float) -> str:
    """Return a number of days in words.

    Examples
    --------
    >>> days_in_words(14), days_in_words(1), days_in_words(0)
    ('14 days', '1 day', 'the same day')
    """
    if days == 0:
        return "the same day"
    return f"{days:g} day{'' if days == 1 else 's'}"
