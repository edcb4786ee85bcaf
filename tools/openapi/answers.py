"""What an endpoint answers, as OpenAPI responses: one a status, with an example of each scenario."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.openapi import headers
from tools.openapi.scenarios import Seen
from tools.openapi.schemas import Schemas
from tools.systems.page import Page, Schema
from tools.systems.profile import Profile


class Responses:
    """The responses of all endpoints; those that are alike are one component."""

    def __init__(self, schemas: Schemas) -> None:
        """None yet. `schemas` gets those of the bodies."""
        self.components: dict[str, Schema] = {}
        self._schemas = schemas

    def of(
        self, profile: Profile, endpoint: str, found: Iterable[Seen], *, kind: str = ""
    ) -> dict[str, Schema]:
        """An endpoint's responses by status; the names of components begin with their `kind`."""
        by_status: dict[int, list[Seen]] = {}
        for one in found:
            by_status.setdefault(one.response.status, []).append(one)
        own = {
            str(status): self._shared(
                f"{kind}{profile.prefix}{status}", self._response(profile.page, endpoint, by_status[status])
            )
            for status in sorted(by_status)
        }
        if profile.vendor and not kind:
            own["4XX"] = self._shared(f"{profile.prefix}4XX", self._relayed(profile))
        return own | {
            "429": {"$ref": "#/components/responses/Throttled"},
            "default": {"$ref": "#/components/responses/ApiGateway"},
        }

    def _shared(self, name: str, made: Schema) -> Schema:
        """A reference to the same response of another endpoint, or to a new one."""
        number = 0
        while self.components.setdefault(unique := f"{name}{_letter(number)}", made) != made:
            number += 1
        return {"$ref": f"#/components/responses/{unique}"}

    def _response(self, page: Page, endpoint: str, found: list[Seen]) -> Schema:
        """The response of one status."""
        made: Schema = {
            "description": _description(found),
            "headers": headers.of(one.response for one in found),
        }
        success = self._schemas.answer(page.successes.get(endpoint, {}))
        schema = self._error(page) if found[0].response.status >= 400 else success
        media: dict[str, Any] = {}
        for one in found:
            # An empty body is text, or nothing.
            kind = one.response.media
            if kind is None or not (one.response.body or kind.startswith("text/")):
                continue
            place = media.setdefault(kind, {"schema": schema, "examples": {}})
            place["examples"][one.scenario.name] = {
                "summary": one.scenario.text,
                "value": one.response.value,
            }
        return made | ({"content": media} if media else {})

    def _relayed(self, profile: Profile) -> Schema:
        page = profile.page
        how = "its JSON in `response`" if page.wraps_refusals else "its status and body"
        return {
            "description": f"Any other error of {profile.title}, relayed with {how}.",
            "content": {"application/json": {"schema": self._error(page) if page.wraps_refusals else {}}},
        }

    def _error(self, page: Page) -> Schema:
        return self._schemas.answer(page.envelope)


def _description(found: list[Seen]) -> str:
    lines = list(dict.fromkeys(_line(one) for one in found))
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def _line(one: Seen) -> str:
    reason = one.response.headers.get("Gateway-Error")
    return f"{one.scenario.text} (`{reason}`)" if reason else one.scenario.text


def _letter(number: int) -> str:
    return "" if number == 0 else f"_{number + 1}"
