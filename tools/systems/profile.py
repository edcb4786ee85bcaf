"""A system's profile: what the tools know of it, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tools.places import ROOT
from tools.systems.page import Page
from tools.systems.vendor import Vendor


@dataclass(frozen=True, kw_only=True)
class Profile:
    """`tools/systems/<name>/profile.py` exports one as PROFILE; see registry.py.

    `name` is that of the system's folders. `page` is its part of the OpenAPI document. `vendor` makes the
    vendor that the sandbox plays; None where the system is its own upstream.
    """

    name: str
    page: Page
    vendor: type[Vendor] | None = None

    @property
    def title(self) -> str:
        """What people read: `push.express`."""
        return self._stack["name"]

    @property
    def prefix(self) -> str:
        """The beginning of its parameters', resources' and schemas' names: `PushExpress`."""
        return self._stack["id"]

    @cached_property
    def _stack(self) -> Mapping[str, str]:
        from tools.template.written import sections  # here, as the sandbox has no use for a YAML reader

        return sections((ROOT / "functions" / self.name / "stack.yaml").read_text())
