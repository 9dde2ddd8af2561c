"""How nouns are drawn and shown in a notebook, without knowing who draws them.

Drawing stands above ``core``, so a noun asks for its drawing by name; ``psgkit/__init__`` says
where the drawings are.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

Drawing = Callable[..., Any]
_finders: list[Callable[[str], Drawing]] = []


def drawn_by(find: Callable[[str], Drawing]) -> None:
    """State the function that returns a drawing by its name."""
    _finders[:] = [find]


def drawing(name: str) -> Drawing:
    """Return the drawing called ``name``, as in ``plot_hypnogram``."""
    return _finders[0](name)


class Shown(ABC):
    """A noun that a notebook shows as HTML.  Its ``repr`` is one line, by ``_line``."""

    __slots__ = ()

    @abstractmethod
    def _line(self) -> str: ...

    def __repr__(self) -> str:
        """Return one line: all of it would fill screens."""
        return f"<{type(self).__name__} {self._line()}>"

    def _repr_html_(self) -> str:
        return str(drawing("as_notebook_html")(self))
