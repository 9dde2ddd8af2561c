"""What to do about a finding, by its code."""

from psgkit.report.texts import has_text, text


def advice_on(code: str) -> str:
    """Return what can be done about findings of this code; nothing where there is nothing to do.

    Examples
    --------
    >>> advice_on("edf.simulated")
    'Do not mix it with recordings of persons.'
    """
    return text(f"check.advice.{code}") if has_text(f"check.advice.{code}") else ""
