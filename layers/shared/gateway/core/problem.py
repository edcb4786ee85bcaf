"""What is wrong with a field that a client sent."""

import re
from enum import StrEnum

from gateway.core.data import dataclass

_STEP = re.compile(r"[A-Za-z0-9_-]{1,40}|\[[0-9]+\]")
"""One step of a field's path that is certainly a name, or an index."""

MAX_STEPS = 10


class ProblemKind(StrEnum):
    """How a field breaks its contract: not there, null or empty, not a name of the contract, or malformed."""

    ABSENT = "absent"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field.

    `field` is its path (`scenes[1].scene_uid`); `text` is fit for an answer and never quotes the value;
    `form` is the contract's own name of the right form, where it has one; `model` is the name of the model
    that the field belongs to.
    """

    field: str
    kind: ProblemKind
    text: str
    form: str = ""
    model: str = ""

    def __str__(self) -> str:
        """`player_id is required`."""
        return f"{self.field} {self.text}"

    @property
    def summary(self) -> str:
        """The same for a header: where a name belongs, a client may have put a value or a whole body."""
        steps = self.field.replace("[", ".[").removeprefix(".").split(".")
        is_name = len(steps) <= MAX_STEPS and all(map(_STEP.fullmatch, steps))
        return f"{self.field if is_name else '[name]'} {self.text}"
