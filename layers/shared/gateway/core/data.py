"""Data classes whose methods are made with their first value: a cold start has no time for the others.

dataclasses writes and compiles the methods of a class as soon as the class is defined. The delivery defines
forty, and an API call has values of ten.
"""

import dataclasses
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_waiting: dict[type, dict[str, Any]] = {}
"""Classes of which there is no value yet, and their options."""

_alone = Lock()


def _when_needed(**options: Any) -> Callable[[type], type]:
    def decorate(kind: type) -> type:
        kind.__new__ = _new  # type: ignore[method-assign, assignment]
        _waiting[kind] = options
        return kind

    return decorate


def _new(kind: type, *_: Any, **__: Any) -> Any:
    if kind in _waiting:
        _make(kind)
    return object.__new__(kind)


def _make(kind: type) -> None:
    with _alone:
        for each in reversed(kind.__mro__):
            if each in _waiting:
                dataclasses.dataclass(**_waiting[each])(each)
                del _waiting[each]  # only now: another thread may be about to make a value


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _when_needed
