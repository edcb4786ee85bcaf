"""The console's pages and API, behind its guard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from tools.console import reference
from tools.console.access import Access
from tools.console.facts import PLACEHOLDER, Facts
from tools.console.guard import App, Guard, TooLarge
from tools.console.json_answer import JsonAnswer
from tools.console.relay import PREFIX, relay
from tools.send.http1 import Request as Sent
from tools.send.http1 import Response as Received
from tools.send.http1 import send

STATIC = Path(__file__).parent / "static"


type OwnCall = Callable[[], AbstractContextManager[Callable[[int], None] | None]]
"""For a call that the console itself makes: what is to be told its local port, see Collector."""


def application(
    access: Access, facts: Facts, api: Iterable[BaseRoute] = (), own_call: OwnCall = nullcontext
) -> App:
    """The ASGI application of one run's console. `api`: its further routes, see Desk."""

    async def page(request: Request) -> Response:
        del request
        return FileResponse(STATIC / "index.html", media_type="text/html")

    async def run(request: Request) -> Response:
        del request
        return JsonAnswer(facts.data())

    def front(sent: Sent) -> Received:
        with own_call() as connected:
            return send(sent, facts.api, facts.authority, connected)[1]

    routes: list[BaseRoute] = [
        Route("/", page),
        Route("/api/run", run),
        *api,
        Mount("/static", StaticFiles(directory=STATIC)),
        *reference.routes(facts.api, PLACEHOLDER),
        Mount(PREFIX, relay(front, PLACEHOLDER, facts.key)),
    ]
    handlers = {HTTPException: _http_error, TooLarge: _too_large}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), access)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    unknown = error.detail == HTTPStatus(error.status_code).phrase and error.status_code == 404
    text = f"there is no {request.url.path}" if unknown else error.detail
    return JsonAnswer({"error": text}, error.status_code, headers=error.headers)


async def _too_large(request: Request, error: Exception) -> Response:
    del request, error
    return JsonAnswer({"error": "the body is too large"}, 413)
