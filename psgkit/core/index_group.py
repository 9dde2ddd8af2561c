"""The indices of one group of a report, by key and by attribute, with suggestions."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from psgkit.core.index import Index
from psgkit.core.shown import Shown


def no_such(kind: str, name: object, known: Iterable[str]) -> str:
    """Return the message for a name that is not there, with the nearest names that are.

    Examples
    --------
    >>> no_such("index of legs", "plm_index", ["plms_index", "lm_n"])
    "no index of legs 'plm_index'; did you mean plms_index or lm_n?"
    >>> no_such("group", "head", ["legs", "arms"])
    "no group 'head'; there are legs, arms"
    """
    names = list(known)
    near = get_close_matches(str(name), names, n=3)
    if near:
        return f"no {kind} {name!r}; did you mean {' or '.join(near)}?"
    return f"no {kind} {name!r}; there are {', '.join(names) or 'none'}"


class IndexGroup(Shown, Mapping[str, Index]):
    """Indices of one group: ``group["plms_index"]`` or ``group.plms_index``.

    Examples
    --------
    >>> legs = IndexGroup("legs", {"plms_index": Index.rate("plms_index", 30, 6, otherwise="-")})
    >>> legs.plms_index.value
    5.0
    >>> legs
    <IndexGroup legs: 1 index>
    """

    __slots__ = ("_indices", "name")

    def __init__(self, name: str, indices: Mapping[str, Index]) -> None:
        self.name = name
        self._indices = MappingProxyType(dict(indices))

    def __getitem__(self, name: str) -> Index:
        """Return an index; raise ``KeyError`` that suggests the nearest names."""
        if name not in self._indices:
            raise KeyError(no_such(f"index of {self.name}", name, self._indices))
        return self._indices[name]

    def __getattr__(self, name: str) -> Index:
        """Return an index; raise ``AttributeError`` that suggests the nearest names."""
        if name.startswith("_") or name == "name":
            raise AttributeError(name)
        if name not in self._indices:
            raise AttributeError(no_such(f"index of {self.name}", name, self._indices))
        return self._indices[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._indices]

    def _line(self) -> str:
        return f"{self.name}: {len(self)} {'index' if len(self) == 1 else 'indices'}"


class HasIndices:
    """A report whose groups are taken by key and by attribute."""

    __slots__ = ()
    indices: Mapping[str, Mapping[str, Index]]

    def __getitem__(self, group: str) -> IndexGroup:
        """Return a group of indices; raise ``KeyError`` that suggests the nearest names."""
        if group not in self.indices:
            raise KeyError(no_such("group", group, self.indices))
        return IndexGroup(group, self.indices[group])

    def __getattr__(self, group: str) -> IndexGroup:
        """Return a group of indices that no other attribute hides."""
        # "indices" itself is missing while a copy or an unpickled report is being filled
        if group.startswith("_") or group == "indices":
            raise AttributeError(group)
        if group not in self.indices:
            raise AttributeError(no_such("attribute or group", group, self.indices))
        return IndexGroup(group, self.indices[group])

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.indices]
