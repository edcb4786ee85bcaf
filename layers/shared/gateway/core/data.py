"""Data classes whose methods are made when they are needed: a cold start has no time for the others.

dataclasses writes and compiles the methods of a class as soon as the class is defined. The gateway defines
seventy; an API call has values of twenty, and neither compares nor prints them.
"""

import dataclasses
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_waiting: dict[type, Callable[[], None]] = {}
"""What makes the classes of which there is no value yet."""

_alone = Lock()

_EACH_CLASS_HAS = frozenset({"__dict__", "__weakref__"})
_NOT_COPIED = _EACH_CLASS_HAS | {"__setattr__", "__delattr__", "__init__"}


def _when_needed(*, eq: bool = True, frozen: bool = False, **options: Any) -> Callable[[type], type]:
    def decorate(kind: type) -> type:
        own = {name: value for name, value in vars(kind).items() if name not in _EACH_CLASS_HAS}
        options.update(frozen=frozen, eq=False, repr=False)
        _waiting[kind] = partial(_make, kind, own, options)
        kind.__init__ = _first(kind)  # type: ignore[misc]
        for name in _compared(eq=eq, frozen=frozen):
            if own.get(name) is None:  # a class with `__eq__` has None for its hash
                setattr(kind, name, _LATER[name])
        if frozen:
            kind.__setattr__ = kind.__delattr__ = _refused  # type: ignore[assignment]
        elif eq:
            kind.__hash__ = None  # type: ignore[assignment]
        return kind

    return decorate


def _compared(*, eq: bool, frozen: bool) -> set[str]:
    return {"__repr__", *(["__eq__"] if eq else []), *(["__hash__"] if eq and frozen else [])}


def _first(kind: type) -> Callable[..., None]:
    """An `__init__` that is made, and takes this one's place, with the first value."""

    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        _made(kind)
        kind.__init__(self, *args, **kwargs)  # type: ignore[misc]

    return method


def _later(name: str) -> Callable[..., Any]:
    """A method of all classes, whose place a class's own takes when it is called first."""

    def method(self: Any, *args: Any) -> Any:
        for each in type(self).__mro__:
            if vars(each).get(name) is method:
                _compare(each, name)
        return getattr(self, name)(*args)

    return method


_LATER = {name: _later(name) for name in ("__repr__", "__eq__", "__hash__")}


def _refused(self: Any, name: str, *_: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


def _made(kind: type) -> None:
    with _alone:
        for each in reversed(kind.__mro__):
            if each in _waiting:
                _waiting.pop(each)()


def _make(kind: type, own: dict[str, Any], options: dict[str, Any]) -> None:
    """Made of a copy, from which `__init__` comes last: other threads may be about to make a value."""
    made = vars(dataclasses.dataclass(**options)(type(kind)(kind.__name__, kind.__bases__, own)))
    for name in own.keys() - made.keys():
        delattr(kind, name)  # a field that has no default, but a factory of one
    for name in made.keys() - _NOT_COPIED:
        if made[name] is not own.get(name):
            setattr(kind, name, made[name])
    kind.__init__ = made["__init__"]  # type: ignore[misc]


def _compare(kind: Any, name: str) -> None:
    whole: type = type(kind)(kind.__name__, (kind,), {})
    frozen = kind.__dataclass_params__.frozen
    setattr(kind, name, vars(dataclasses.dataclass(frozen=frozen, init=False)(whole))[name])


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _when_needed
