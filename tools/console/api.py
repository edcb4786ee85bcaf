"""The console's HTTP API: events, what can be sent and switched, and the run's state (README.md)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from anyio import to_thread
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tools.console import message, sending
from tools.console.collector import Collector
from tools.console.event import Event
from tools.console.facts import Facts
from tools.console.json_answer import JsonAnswer
from tools.console.rates import Rates
from tools.console.ring import Filter, Ring
from tools.console.state import DROP, REDRIVE, State
from tools.console.stream import Stream
from tools.console.upstream import Upstreams
from tools.errors import CommandError
from tools.masks import Masks
from tools.sandbox.client import Sandbox
from tools.sandbox.rules import FORMS

MOST_EVENTS = 500
MOST_IDS = 1000


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the API reads and changes."""

    facts: Facts
    ring: Ring
    rates: Rates
    masks: Masks
    stream: Stream
    collector: Collector
    upstreams: Upstreams
    state: State
    sandbox: Sandbox

    def routes(self) -> list[BaseRoute]:
        """The API's, except `/api/run`."""
        posts: dict[str, Callable[[Any], Any]] = {
            "send": self._send,
            "curl": self._curl,
            "faults": self._add_fault,
            "faults/clear": self._clear_faults,
            "deadletters/redrive": partial(self._letters, REDRIVE),
            "deadletters/drop": partial(self._letters, DROP),
        }
        gets: dict[str, Callable[[Request], Any]] = {
            "events": self._events,
            "events/{number:int}": self._details,
            "state": lambda request: self.state.data(),
            "rates": lambda request: self.rates.data(time.time()),
            "faults": lambda request: {"faults": self.sandbox.faults()},
        }
        return [
            *(Route(f"/api/{path}", self._answering(get), methods=["GET"]) for path, get in gets.items()),
            *(Route(f"/api/{path}", self._taking(post), methods=["POST"]) for path, post in posts.items()),
            Route("/api/stream", self.stream, methods=["GET"]),
        ]

    def _answering(self, get: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            return await self._done(get, request)

        return answer

    def _taking(self, post: Callable[[Any], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                value = json.loads(await request.body())
            except (ValueError, RecursionError):
                raise HTTPException(400, "the body is not JSON") from None
            return await self._done(post, value)

        return answer

    async def _done(self, doing: Callable[[Any], Any], value: Any) -> Response:
        """In a thread, because most of it waits; in the answer nothing is a credential."""

        def masked() -> Any:
            return self.masks.data(doing(value))

        try:
            return JsonAnswer(await to_thread.run_sync(masked))
        except ValueError as error:
            raise HTTPException(400, self.masks.text(str(error))) from error
        except CommandError as error:
            raise HTTPException(409, self.masks.text(str(error))) from error
        except (OSError, ClientError, BotoCoreError) as error:
            said = f"a part of the local run does not answer ({type(error).__name__}): is it stopping?"
            raise HTTPException(502, said) from error

    def _events(self, request: Request) -> dict[str, Any]:
        asked = request.query_params
        wanted = Filter(**{name: asked.get(name, "") for name in ("system", "outcome", "text", "id")})
        limit = min(_whole(asked.get("limit", "100"), "limit"), MOST_EVENTS)
        before = _whole(asked["before"], "before") if "before" in asked else None
        events, total = self.ring.page(wanted, before, limit + 1)
        more = len(events) > limit
        events = events[:limit]
        return {"events": events, "next": events[-1]["number"] if more and events else None, "total": total}

    def _details(self, request: Request) -> dict[str, Any]:
        event: Event | None = self.ring.get(request.path_params["number"])
        if event is None:
            raise HTTPException(404, "the console no longer has this event, or never had")
        life = event.life()
        return {
            **event.summary(),
            "app": {
                "request": event.request.data(),
                "response": event.response and event.response.data(),
            },
            **self.upstreams.data(event, life),
            "life": life and life.data(),
            "curl": self.facts.command(event.request, self.masks),
        }

    def _send(self, value: Any) -> dict[str, Any]:
        request = sending.read(value, self.facts.key)
        with self.collector.own_call() as connected:
            port, status, event_id = sending.send(request, self.facts.api, self.facts.authority, connected)
            return {"number": self.collector.number(port), "id": event_id, "status": status}

    def _curl(self, value: Any) -> dict[str, str]:
        call = sending.read(value, self.facts.key)
        request = message.request(call.method, call.target, call.headers, call.body)
        text = self.facts.command(request, self.masks)
        if text is None:
            raise ValueError(
                f"a command holds at most {message.KEPT:,} bytes of a body, no control characters in headers "
                "and no credential in a body with control characters"
            )
        return {"curl": text}

    def _add_fault(self, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("fault"), str):
            raise ValueError("a fault is an object with the key `fault`")
        if unknown := sorted(value.keys() - FORMS.keys()):
            raise ValueError(f"`{unknown[0]}` is none of {', '.join(FORMS)}")
        self.sandbox.fault(**value)
        return {"faults": self.sandbox.faults()}

    def _clear_faults(self, value: Any) -> Any:
        system = value.get("system") if isinstance(value, dict) else None
        for rule in self.sandbox.faults():
            if system in (None, rule.get("system")):
                self.sandbox.clear_faults(rule["id"])
        return {"faults": self.sandbox.faults()}

    def _letters(self, action: str, value: Any) -> Any:
        ids = value.get("ids") if isinstance(value, dict) else None
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids) or len(ids) > MOST_IDS:
            raise ValueError(f"`ids` is a list of at most {MOST_IDS} event ids")
        done = self.state.act(action, ids)
        self.stream.publish("state")
        if ids and not done["done"]:
            raise CommandError("none of these is a dead letter that can be handled: read the list again")
        return done


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise ValueError(f"`{name}` is not a whole number")
    return int(text)
