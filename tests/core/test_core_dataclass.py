"""Data classes are those of the standard library in all but how they are made."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from psgkit.core.dataclass import dataclass

MAKERS: list[Callable[..., Any]] = [dataclass, dataclasses.dataclass]


def classes(maker: Callable[..., Any]) -> list[Any]:
    """Return classes of every kind that the package has, made by a maker."""

    @maker(frozen=True, kw_only=True, slots=True)
    class Frozen:
        """One."""

        shared: ClassVar[int] = 3
        first: int
        second: list[int] = dataclasses.field(default_factory=list)
        third: str = dataclasses.field(default="c", repr=False, compare=False)

    @maker(slots=True)
    class Open:
        """Two."""

        first: int
        second: float = 1.5
        third: int = dataclasses.field(default=4, kw_only=True)
        fourth: int = dataclasses.field(init=False, default=0)

        def __post_init__(self) -> None:
            self.fourth = self.first + self.third

    @maker(frozen=True, eq=False, repr=False)
    class Identity:
        """Three."""

        first: int

        def double(self) -> int:
            return 2 * self.first

    @maker(frozen=True)
    class Child(Identity):
        """Four."""

        second: int = 2

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Child) and other.first == self.first

        __hash__ = Identity.__hash__

    @maker(frozen=True)
    class Empty:
        """Five."""

    return [Frozen, Open, Identity, Child, Empty]


def made(cls: Any, **values: Any) -> Any:  # noqa: ANN401
    wanted = {f.name: 7 for f in dataclasses.fields(cls) if f.init and f.name == "first"}
    return cls(**wanted | values)


def what_it_does(cls: Any) -> dict[str, object]:  # noqa: ANN401
    """Return what can be seen of a class and its objects."""
    one, other = made(cls), made(cls)
    seen: dict[str, object] = {
        "fields": [(f.name, f.type, f.init, f.kw_only) for f in dataclasses.fields(one)],
        "values": dataclasses.asdict(one),
        "equal": (one == other, one == object(), one == one),  # noqa: PLR0124
        "signature": str(inspect.signature(cls)),
        "match": cls.__match_args__,
        "slots": getattr(cls, "__slots__", None),
        "doc": cls.__doc__,
        "replaced": dataclasses.asdict(dataclasses.replace(one)),
        "copied": dataclasses.asdict(copy.deepcopy(one)),
        "hashable": cls.__hash__ is not None,
    }
    if cls.__repr__ is not object.__repr__:
        seen["repr"] = repr(one).split(".")[-1] if cls.__name__ != "Identity" else ""
    if seen["hashable"] and not isinstance(getattr(one, "second", None), list):
        seen["hash"] = hash(one) == hash(other)
    for name, change in {
        "set": lambda: setattr(one, "first", 3),
        "new": lambda: setattr(one, "unknown", 3),
        "delete": lambda: delattr(one, "first"),
        "missing": lambda: cls(first=1, unknown=2),
        "too many": lambda: cls(*range(9)),
    }.items():
        try:
            change()
            seen[name] = "done"
        except (AttributeError, TypeError):
            seen[name] = "refused"
    return seen


@pytest.mark.parametrize("number", range(5))
def test_a_data_class_does_what_one_of_the_standard_library_does(number: int) -> None:
    own, standard = (what_it_does(classes(maker)[number]) for maker in MAKERS)
    assert own == standard


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that is stored."""

    first: int
    second: tuple[int, ...] = (1, 2)


def test_objects_are_pickled_before_and_after_the_first_one_is_made() -> None:
    one = Kept(3)
    assert pickle.loads(pickle.dumps(one)) == one
    assert pickle.loads(pickle.dumps(Kept)) is Kept


def test_a_value_that_was_left_out_is_made_anew_for_each_object() -> None:
    frozen = classes(dataclass)[0]
    one, other = frozen(first=1), frozen(first=1)
    one.second.append(3)
    assert other.second == []
    assert repr(one).endswith("Frozen(first=1, second=[3])")


def test_patterns_are_compiled_when_they_are_first_used() -> None:
    from psgkit.core.regex import regex

    late = regex("(")
    assert late.pattern == "("
    with pytest.raises(Exception, match="unterminated subpattern"):
        late.search("x")
    found = regex(rb"A(\d)", 2).search(b"a1")
    assert found is not None
    assert found[1] == b"1"
