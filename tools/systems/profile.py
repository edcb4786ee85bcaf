"""A system's profile: what the tools know of it, in one value."""

from __future__ import annotations

from dataclasses import dataclass

from tools.openapi.page import Page
from tools.sandbox.exchange import Vendor


@dataclass(frozen=True, kw_only=True)
class Profile:
    """`tools/systems/<name>/profile.py` exports one as PROFILE; see registry.py.

    `name` is that of the system's folders, `prefix` begins its parameters, resources and schemas
    (`PushExpress`), `title` is what people read (`push.express`). `page` is its part of the OpenAPI document.
    `vendor` makes the vendor that the sandbox plays; None where the system is its own upstream.
    """

    name: str
    prefix: str
    title: str
    page: Page
    vendor: type[Vendor] | None = None
