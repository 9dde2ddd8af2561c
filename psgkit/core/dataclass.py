"""Data classes as those of the standard library, made in a tenth of the time.

``dataclasses.dataclass`` compiles up to seven methods for each class when its module is imported:
for the classes of a report that took a quarter of its start.  Here the methods are shared, and
only ``__init__`` is compiled, when the first object is made.  ``fields``, ``replace`` and
``asdict`` of the standard library work as ever.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from inspect import Parameter, Signature
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # what checkers know
else:

    def dataclass(
        *,
        init: bool = True,
        repr: bool = True,
        eq: bool = True,
        frozen: bool = False,
        kw_only: bool = False,
        slots: bool = False,
    ) -> Callable[[type], type]:
        """Make a data class; the options are those of ``dataclasses.dataclass``.

        Examples
        --------
        >>> @dataclass(frozen=True)
        ... class Point:
        ...     x: float
        ...     y: float = 0.0
        >>> Point(1.0)
        Point(x=1.0, y=0.0)
        """

        def made(plain: type) -> type:
            methods: dict[str, object] = {}
            if repr:
                methods["__repr__"] = _shown
            if eq and "__eq__" not in plain.__dict__:
                methods |= {"__eq__": _equal, "__hash__": _hashed if frozen else None}
            if frozen:
                methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
            if frozen and slots:
                methods |= {"__getstate__": _state, "__setstate__": _set_state}
            for name, method in methods.items():
                if name not in plain.__dict__:
                    setattr(plain, name, method)
            cls = dataclasses.dataclass(
                init=False, repr=False, eq=False, kw_only=kw_only, slots=slots
            )(plain)
            if init and "__init__" not in cls.__dict__:
                cls.__init__ = _late_init(cls, frozen=frozen)
                cls.__signature__ = _LateSignature()
            return cls

        return made


def _late_init(cls: type, *, frozen: bool) -> Callable[..., None]:
    def __init__(self: object, *args: object, **values: object) -> None:  # noqa: N807
        made = _init_of(cls, frozen=frozen)
        cls.__init__ = made  # type: ignore[misc] # the next object is made by it at once
        made(self, *args, **values)

    return __init__


def _init_of(cls: Any, *, frozen: bool) -> Callable[..., None]:  # noqa: ANN401
    """Return the compiled ``__init__`` of a data class."""
    names: dict[str, object] = {"_set": object.__setattr__, "_not_given": _NOT_GIVEN}
    positional, by_name, lines = ["self"], ["*"], []
    for field in dataclasses.fields(cls):
        name, value = field.name, field.name
        argument = name
        if field.default is not dataclasses.MISSING:
            names[f"_default_{name}"] = field.default
            argument, value = f"{name}=_default_{name}", name if field.init else f"_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"_new_{name}"] = field.default_factory
            argument, value = f"{name}=_not_given", f"_new_{name}()"
            if field.init:
                value += f" if {name} is _not_given else {name}"
        elif not field.init:
            continue
        if field.init:
            (by_name if field.kw_only else positional).append(argument)
        lines.append(f"_set(self, '{name}', {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    arguments = ", ".join(positional + (by_name if len(by_name) > 1 else []))
    body = "\n    ".join(lines or ["pass"])
    exec(f"def __init__({arguments}):\n    {body}", names)
    made: Any = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made  # type: ignore[no-any-return]


class _LateSignature:
    """What ``help`` and documentation show of ``__init__``."""

    def __get__(self, _instance: object, cls: Any) -> Signature:  # noqa: ANN401
        given = sorted((f for f in dataclasses.fields(cls) if f.init), key=attrgetter("kw_only"))
        return Signature([_parameter(field) for field in given], return_annotation=None)


def _parameter(field: "dataclasses.Field[Any]") -> Parameter:
    default: object = Parameter.empty
    if field.default is not dataclasses.MISSING:
        default = field.default
    elif field.default_factory is not dataclasses.MISSING:
        default = _NOT_GIVEN
    kind = Parameter.KEYWORD_ONLY if field.kw_only else Parameter.POSITIONAL_OR_KEYWORD
    return Parameter(field.name, kind, default=default, annotation=field.type)


class _NotGiven:
    def __repr__(self) -> str:
        return "<factory>"


_NOT_GIVEN = _NotGiven()


@recursive_repr()
def _shown(self: Any) -> str:  # noqa: ANN401
    values = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{self.__class__.__qualname__}({', '.join(values)})"


@cache
def _compared(cls: Any) -> Callable[[object], tuple[object, ...]]:  # noqa: ANN401
    """Return what gives the values of an object that count when it is compared."""
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _equal(self: Any, other: object) -> object:  # noqa: ANN401
    if type(self) is not type(other):
        return NotImplemented
    own: Any = type(self)
    values = _compared(own)
    return values(self) == values(other)


def _hashed(self: Any) -> int:  # noqa: ANN401
    own: Any = type(self)
    return hash(_compared(own)(self))


def _refuse(_self: object, name: str, *_value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[object]:  # noqa: ANN401
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:  # noqa: ANN401
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
