"""Words of recordings in findings, reasons and errors: masked where texts are stored.

A message of psgkit is a sentence of its own with parts quoted from a file, which stand in quotes
as ``repr`` writes them: ``found 'J. Smith 03.02.1971', wanted dd.mm.yy``.  A quoted part stays if
every word of it is one that psgkit knows (of channels, stages, events, columns, options) and it
has few digits; else it becomes ``[masked]``.  Writers of files call ``masked``; the terminal shows
texts as they are, and ``psgkit --show-names`` keeps them in files, too.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar

from psgkit.core.regex import regex
from psgkit.document.outside_text import bare_name
from psgkit.io.known_words import is_known

MASK = "[masked]"
TEXT_FIELDS = ("message", "where", "advice", "reason", "found", "error", "problem")
"""Fields of findings, cautions, indices, channels and errors that may quote a file."""

_QUOTED = regex(
    r"""(?<![^\W_])            # an apostrophe within a word begins no quote
    (?:b|B)?
    (?: '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | \[masked\] )
    """,
    re.VERBOSE | re.DOTALL,
)
_SHORTEST_LABEL = 3
_WITHOUT_TEXTS = {type(None), bool, int, float}
_NAMES_SHOWN: ContextVar[bool] = ContextVar("names_shown", default=False)


@contextmanager
def names_kept(*, kept: bool) -> Iterator[None]:
    """Keep quoted text in stored texts in this block, or mask it."""
    before = _NAMES_SHOWN.set(kept)
    try:
        yield
    finally:
        _NAMES_SHOWN.reset(before)


def show_names(*, wanted: bool) -> None:
    """Keep quoted text from here to the end of the block of ``names_kept``, if wanted."""
    if wanted:
        _NAMES_SHOWN.set(True)


def names_are_shown() -> bool:
    """Return whether stored texts keep what they quote."""
    return _NAMES_SHOWN.get()


def masked_text(text: str) -> str:
    """Return a message with what it quotes from a file masked, unless names are shown.

    Examples
    --------
    >>> masked_text("night.edf: found 'Smith, J.', wanted a number")
    'night.edf: found [masked], wanted a number'
    >>> masked_text("channel 'EMG LAT': the recorder's step is coarse")
    "channel 'EMG LAT': the recorder's step is coarse"
    """
    return _masked(text, "") if not _NAMES_SHOWN.get() else text


@lru_cache(maxsize=4096)
def _masked(text: str, own: str) -> str:
    """Return a text masked but for the name of the file that it is about."""

    def shown(found: re.Match[str]) -> str:
        inside = found[0][1:-1]
        return found[0] if is_known(inside) or inside == own != "" else MASK

    return _QUOTED.sub(shown, text) if "'" in text or '"' in text else text


Report = TypeVar("Report")


def masked(report: Report) -> Report:
    """Return a report, or a part of one, with the texts of ``TEXT_FIELDS`` masked.

    Labels of its channels that hold unknown words are masked in these texts without quotes, too;
    the channels keep their labels, and a report may name its own file.

    Parameters
    ----------
    report : dataclass, mapping or sequence
        Whatever is written to a file: reports, rows, documents.

    Examples
    --------
    >>> from psgkit.core.finding import Finding
    >>> masked(Finding("info", "edf.x", "night.edf", "found 'Jane Smith'")).message
    'found [masked]'
    """
    if _NAMES_SHOWN.get():
        return report
    inside = report if isinstance(report, Mapping) else vars_of(report)
    own = bare_name(str(inside.get("source") or inside.get("file") or ""))
    labels = sorted(_unknown_labels(inside), key=len, reverse=True)
    if not labels:
        return with_texts(report, lambda text: _masked(text, own))
    # as words: a label "hen" is not in "then"
    any_label = "|".join(map(re.escape, labels))
    named = re.compile(rf"(?<![^\W\d_])(?:{any_label})(?![^\W\d_])")
    return with_texts(report, lambda text: _masked(named.sub(MASK, text), own))


def _unknown_labels(inside: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels of channels that hold a word psgkit does not know."""
    for channel in inside.get("channels") or ():
        label = channel.get("label") if isinstance(channel, Mapping) else vars_of(channel)["label"]
        if isinstance(label, str) and len(label) >= _SHORTEST_LABEL and not is_known(label):
            yield label


def with_texts(report: Report, change: Callable[[str], str]) -> Report:
    """Return a report with ``change`` made to the texts of ``TEXT_FIELDS``, however deep.

    Examples
    --------
    >>> with_texts({"rows": [{"reason": "a"}], "name": "a"}, str.upper)
    {'rows': [{'reason': 'A'}], 'name': 'a'}
    """
    done: Report = _inside(report, change)
    return done


def vars_of(value: object) -> dict[str, Any]:
    """Return the fields of a dataclass by name; nothing of any other value."""
    if not dataclasses.is_dataclass(value):
        return {}
    return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}


def _inside(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any part
    """Return a value with its texts changed; parts without any stay the same objects."""
    if type(value) in _WITHOUT_TEXTS:
        return value
    if isinstance(value, (list, tuple)):
        parts = [_inside(one, change) for one in value]
        if all(new is old for new, old in zip(parts, value, strict=True)):
            return value
        return parts if isinstance(value, list) else tuple(parts)
    is_mapping = isinstance(value, Mapping)
    old = dict(value) if is_mapping else {} if isinstance(value, type) else vars_of(value)
    new = {name: _field(name, inner, change) for name, inner in old.items()}
    differing = {name: inner for name, inner in new.items() if inner is not old[name]}
    if not differing:
        return value
    return new if is_mapping else dataclasses.replace(value, **differing)


def _field(name: object, value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return change(value) if name in TEXT_FIELDS else value
    return _inside(value, change)
