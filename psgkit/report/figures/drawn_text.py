"""Untrusted text on a figure: escaped, cut, and in a font that has its letters.

matplotlib reads ``$`` as mathematics, warns where a font lacks a letter, and draws text of any
length.  Here control characters are escaped, mathematics is off, a letter is drawn in a font that
has it, and a letter that no font has is replaced by its code point.

DejaVu Sans comes with matplotlib and has Latin, Greek, Cyrillic, Arabic and Hebrew.  For other
scripts the first installed font of ``FALLBACKS`` is used, drawn as outlines, because most Chinese,
Japanese and Korean fonts cannot be embedded in a PDF as TrueType.
"""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from psgkit.document.outside_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.text import Text

ALWAYS_THERE = "DejaVu Sans"
FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "Source Han Sans SC",
    "Source Han Sans",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Meiryo",
    "Malgun Gothic",
    "SimSun",
    "MS Gothic",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Nirmala UI",
    "Leelawadee UI",
    "Kohinoor Devanagari",
    "Thonburi",
    "Segoe UI Symbol",
    "Noto Sans Symbols2",
    "Noto Sans Symbols",
    "Arial Unicode MS",
)
"""Fonts of many letters, of Linux, macOS and Windows; the first that has a letter draws it."""
_OWN_FORMS = (("hangul", ("KR", "Malgun", "Gothic Neo")), ("kana", ("JP", "Yu ", "Hiragino")))
_MARKS_AT_MOST = 2
_ELLIPSIS = "\u2026"


def harmless(text: str, longest: int = 80) -> str:
    r"""Return ``text`` safe to draw: one line, at most ``longest`` characters.

    Control characters and letters that no installed font has are escaped.

    Examples
    --------
    >>> harmless("EMG\x1b[31m\nleg $x$"), harmless("Jambe gauche", 8)
    ('EMG\\x1b[31m leg $x$', 'Jambe g…')
    """
    letters = [*_without_piled_marks(visible(text[: 4 * longest]))]
    known = [one if _has(ALWAYS_THERE, one) or _font_of(one) else _spelled(one) for one in letters]
    shown = "".join(known)
    if len(shown) <= longest and len(text) <= 4 * longest:
        return shown
    return shown[: longest - 1].rstrip() + _ELLIPSIS


def text_style(text: str) -> dict[str, Any]:
    """Return the arguments of ``Axes.text`` for harmless text: fonts, outlines, no mathematics."""
    from matplotlib import rcParams
    from matplotlib.patheffects import Normal

    others = other_fonts(text)
    families = [*rcParams["font.family"], ALWAYS_THERE, *others]
    style: dict[str, Any] = {"parse_math": False, "usetex": False, "fontfamily": families}
    return {**style, "path_effects": [Normal()]} if others else style


def other_fonts(text: str) -> tuple[str, ...]:
    """Return the installed fonts that harmless text needs besides DejaVu Sans.

    Examples
    --------
    >>> other_fonts("Jambe gauche, µV")
    ()
    """
    strange = sorted(one for one in set(text) - {"\n"} if not _has(ALWAYS_THERE, one))
    script = _script(strange)
    return tuple(filter(None, dict.fromkeys(_font_of(one, script) for one in strange)))


def put_text(
    place: Any,  # noqa: ANN401 - an Axes or a Figure
    at: tuple[float, float],
    text: str,
    style: "Mapping[str, Any] | None" = None,
    longest: int = 80,
) -> "Text":
    """Draw untrusted text on an Axes or a Figure, and return the artist."""
    shown = harmless(text, longest)
    drawn: Text = place.text(*at, shown, **text_style(shown), **(style or {}))
    return drawn


def _without_piled_marks(text: str) -> str:
    """Return ``text`` with at most two combining marks a letter, so that lines do not overlap."""
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MARKS_AT_MOST:
            kept.append(letter)
    return "".join(kept)


def _spelled(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def _script(letters: "Iterable[str]") -> str:
    """Return the script if the text is Japanese or Korean, whose forms of shared letters differ."""
    for letter in letters:
        name = unicodedata.name(letter, "")
        if name.startswith("HANGUL"):
            return "hangul"
        if name.startswith(("HIRAGANA", "KATAKANA")):
            return "kana"
    return ""


@cache
def _font_of(letter: str, script: str = "") -> str | None:
    """Return the first installed font that has a letter, preferably in the forms of the script."""
    own = dict(_OWN_FORMS).get(script, ())
    ranked = sorted(_installed(), key=lambda family: not any(part in family for part in own))
    return next((family for family in ranked if _has(family, letter)), None)


@cache
def _has(family: str, letter: str) -> bool:
    return ord(letter) in _letters(family)


@cache
def _letters(family: str) -> frozenset[int]:
    """Return the code points that a font has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    path = findfont(FontProperties(family=[family]), fallback_to_default=False)
    return frozenset(get_font(path).get_charmap())


@cache
def _installed() -> tuple[str, ...]:
    """Return the installed fonts of ``FALLBACKS``.

    Fonts installed after the first start of matplotlib, which caches its list, are included.
    """
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {font.fname for font in fontManager.ttflist}
    hints = tuple({family.replace(" ", "").lower()[:8] for family in FALLBACKS})
    for path in findSystemFonts():
        name = path.replace("\\", "/").rsplit("/", 1)[-1].replace(" ", "").lower()
        if path not in known and name.startswith(hints):
            _add(path)
    families = {font.name for font in fontManager.ttflist}
    return tuple(family for family in FALLBACKS if family in families)


def _add(path: str) -> None:
    """Add a font file to matplotlib; skip one that cannot be read."""
    from matplotlib.font_manager import fontManager

    try:
        fontManager.addfont(path)
    except (OSError, RuntimeError):
        return
