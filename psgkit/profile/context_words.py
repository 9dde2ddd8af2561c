"""What a field of a clinical context takes, in words for messages and templates."""

from datetime import date
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

_WHEN = 'a date (2024-03-31) or a day ("day 14")'


def choices_of(hint: Any) -> list[str]:  # noqa: ANN401 - any type hint
    """Return the words a field may be one of; none if any text or number will do.

    Examples
    --------
    >>> choices_of(Literal["low", "high"] | None)
    ['low', 'high']
    """
    found: list[str] = []
    for leaf in _leaves(hint):
        if get_origin(leaf) is Literal:
            found += [str(choice) for choice in get_args(leaf)]
    return found


def takes_when(hint: Any) -> bool:  # noqa: ANN401 - any type hint
    """Return whether a field takes a day as well as a date.

    Examples
    --------
    >>> takes_when(date | int | None), takes_when(int | None)
    (True, False)
    """
    leaves = _leaves(hint)
    return date in leaves and int in leaves


def wanted_of(hint: Any) -> str:  # noqa: ANN401 - any type hint
    """Return what a field takes, or nothing where the bounds of a number say it better.

    Examples
    --------
    >>> wanted_of(bool | Literal["partly"] | None), wanted_of(bool | None), wanted_of(float)
    ('true, false or "partly"', 'true or false', '')
    """
    leaves, choices = _leaves(hint), choices_of(hint)
    if takes_when(hint):
        return _WHEN
    if bool in leaves:
        return f'true, false or "{choices[0]}"' if choices else "true or false"
    listed = any(get_origin(part) is tuple for part in _members(hint))
    if choices:
        return f"{'a list of ' if listed else 'one of '}{', '.join(choices)}"
    return 'a list of texts, ["..."]' if listed else ""


def _members(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any type hint
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


def _leaves(hint: Any) -> list[Any]:  # noqa: ANN401 - any type hint
    """Return the plain types and Literals of a union, and of the items of a list."""
    found: list[Any] = []
    for part in _members(hint):
        if get_origin(part) is tuple:
            found += [leaf for item in get_args(part) if item is not ... for leaf in _leaves(item)]
        elif get_origin(part) in {Union, UnionType}:
            found += _leaves(part)
        else:
            found.append(part)
    return found
