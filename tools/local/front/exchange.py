"""What the front tells its listeners of each call: once when it was received, once when it is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.local.front.messages import Headers


@dataclass(frozen=True, kw_only=True)
class Received:
    """A call. `number` counts from 1, in the order in which calls were read to their ends; `at`: Unix
    seconds; `target` as on the request line; `client`: address and port of the caller. The body is empty
    where the front rejected the call before reading it."""

    number: int
    at: float
    method: bytes
    target: bytes
    headers: Headers
    body: bytes
    client: tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The answer to call `number`, which is about to be written, after so many milliseconds."""

    number: int
    status: int
    reason: bytes
    headers: Headers
    body: bytes
    milliseconds: float


type Listener = Callable[[Received | Answered], None]
"""Is called in the front's own thread, which serves nobody meanwhile. What it raises is logged, and costs no
call its answer."""
