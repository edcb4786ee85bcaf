"""Judges an answer by the contracts: its path's dialect, what it says of the event, CORS, and what leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

from gateway.inbound.cors import EXPOSED
from gateway.inbound.items import MAX_ITEMS
from tests.profiles import CLIENT_KEY, profiles
from tests.proofs.fuzz.bodies import JSON_TYPE, parsed, typed
from tests.proofs.fuzz.http1 import Request, Response
from tests.proofs.fuzz.samples import DOOR, Sample, samples
from tests.proofs.fuzz.values import PLANTED, WRONG_KEY

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_TRACE = re.compile(
    r"Traceback|stackTrace|errorType|errorMessage|File \\?\"|/var/task|/opt/python|site-packages|pydantic"
    r"|botocore|sqlalchemy|sqlite3|OperationalError|Exception\b"
)
_SECRETS = re.compile(rf"{CLIENT_KEY}|local-\w+-credential|{WRONG_KEY}|AKIA|arn:aws", re.IGNORECASE)

ITEM = ("index", "status", "delivery", "event_id", "error")
"""The fields of an item's answer."""

EDGE = "edge"
"""Answers the paths of no system."""

OWN_REFUSALS = frozenset({400, 403, 404, 405, 411, 413, 414, 415, 417, 429, 431})
"""What a front or API Gateway may say before any function is called."""


def judge(request: Request, response: Response) -> list[str]:
    """What is wrong with an answer; each text begins with the rule that it breaks."""
    return list(_judge(request, response))


def by_a_function(response: Response) -> bool:
    """Whether one of the gateway's functions answered: its CORS list is not that of API Gateway's own."""
    return response.header("access-control-expose-headers") == EXPOSED


def _judge(request: Request, response: Response) -> Iterator[str]:
    if response.status == 0:
        # What is not HTTP may be hung up on; everything else has a right to an answer.
        if request.raw is None:
            yield f"no answer: {response.failure}"
        return
    yield from _leaks(request, response)
    if response.status >= 500:
        yield f"5xx: {response.status}"
    if response.header("access-control-allow-origin") != "*":
        yield "CORS: Access-Control-Allow-Origin is not *"
    if not by_a_function(response):
        yield from _own(request, response)
    elif request.raw is None:
        yield from _functions_answer(request, response)


def _leaks(request: Request, response: Response) -> Iterator[str]:
    echoed = {"access-control-allow-headers"}  # a preflight repeats the names of its request
    texts = [response.body.decode("utf-8", "replace")]
    texts += [value for name, values in response.headers.items() if name not in echoed for value in values]
    for text in texts:
        found = _TRACE.search(text)
        # A field's name is the client's own text, and is sent back to it.
        if found and found[0].encode() not in request.body + request.target:
            yield f"leak: a trace ({found[0]})"
        if found := _SECRETS.search(text):
            yield f"leak: a credential ({found[0][:12]}…)"
    errors = response.header("gateway-error") + " ".join(str(item.get("error")) for item in items(response))
    if PLANTED in errors and not _is_a_name(request):
        yield "leak: Gateway-Error quotes a value"


def items(response: Response) -> list[dict[str, Any]]:
    """What a batch's answer says of each item; nothing for any other answer."""
    body = parsed(response) if response.status in (200, 207) else None
    found = body.get("items") if isinstance(body, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _is_a_name(request: Request) -> bool:
    quoted = re.escape(PLANTED.encode())
    return re.search(
        rb'"%b"\s*:|(^|&)%b(=|&|$)|name="?%b' % (quoted, quoted, quoted), request.body
    ) is not None or (PLANTED.encode() in request.target)


def _own(request: Request, response: Response) -> Iterator[str]:
    """An answer of API Gateway's own, or of the front that stands for it: one body for all dialects."""
    if response.status not in OWN_REFUSALS:
        yield f"own answer: status {response.status}"
    body = parsed(response)
    of_a_head = response.body == b"" and request.method == b"HEAD"
    if not of_a_head and (not isinstance(body, dict) or list(body) != ["message", "error", "description"]):
        yield "own answer: not the body that all dialects share"
    if response.header("content-type") != JSON_TYPE:
        yield f"own answer: Content-Type {response.header('content-type')!r}"
    if "gateway-delivery" in response.headers:
        yield "own answer: speaks of delivery"


def _functions_answer(request: Request, response: Response) -> Iterator[str]:
    method = request.method.decode().upper()
    dialects = possible_dialects(request.target)
    for name in ("transfer-encoding", "set-cookie", "location", "server", "x-powered-by"):
        if name in response.headers:
            yield f"header: {name}"
    if any(re.search(r"[^\t -~]", text) for values in response.headers.values() for text in values):
        yield "header: a character that API Gateway cannot write"
    if any(len(values) > 1 for values in response.headers.values()):
        yield "header: one stands twice"
    if error := response.header("gateway-error"):
        if len(error) > 512 or re.search(r"[^ -~]", error):
            yield "Gateway-Error: long, or not ASCII"
        if response.status < 400:
            yield "Gateway-Error: on a success"
    elif response.status >= 400 and response.header("gateway-delivery") == "":
        yield "Gateway-Error: none on a refusal"
    if response.status == 204:
        yield from _preflight(request, response)
        return
    problems = [list(_in_dialect(system, endpoint, method, response)) for system, endpoint in dialects]
    if all(problems):
        yield from min(problems, key=len)


def _preflight(request: Request, response: Response) -> Iterator[str]:
    if request.method.upper() != b"OPTIONS":
        yield "preflight: 204 to another method"
    if response.body or "content-type" in response.headers:
        yield "preflight: has a body or a type"
    requested = request.header("Access-Control-Request-Method")
    unknown = any(endpoint == "" for _, endpoint in possible_dialects(request.target))
    methods = "POST|PUT" + "".join(
        f"|{re.escape(one)}" for one in requested if unknown and re.fullmatch("[A-Za-z-]+", one)
    )
    if not re.fullmatch(rf"({methods}), OPTIONS", response.header("access-control-allow-methods")):
        yield "preflight: Access-Control-Allow-Methods"
    if response.header("access-control-max-age") != "86400":
        yield "preflight: Access-Control-Max-Age"
    if "gateway-delivery" in response.headers:
        yield "preflight: speaks of delivery"


def _in_dialect(system: str, endpoint: str, method: str, response: Response) -> Iterator[str]:
    status, delivery = response.status, response.header("gateway-delivery")
    allowed_statuses = profiles()[system].answers.statuses if system != EDGE else {404}
    if endpoint.startswith(DOOR):
        allowed_statuses = {*allowed_statuses, 200, 207, 400, 404}
    if status < 500 and status not in allowed_statuses:
        yield f"{system}: status {status}"
    if status == 405:
        allowed = response.header("allow").split(", ")
        if "OPTIONS" not in allowed or method in allowed:
            yield f"{system}: 405 with Allow {response.header('allow')!r}"
    is_unknown = status in (400, 404) and "gateway-event-id" not in response.headers
    if endpoint and not is_unknown and not _ULID.fullmatch(response.header("gateway-event-id")):
        yield f"{system}: no Gateway-Event-Id"
    if endpoint.startswith(DOOR):
        if status in (200, 207):
            yield from (f"{system}: {problem}" for problem in _batch(system, response))
            return
        endpoint = endpoint.removeprefix(DOOR)
    yield from _delivery_header(system, endpoint, status, delivery, response)
    if method == "HEAD":
        if response.body:
            yield "HEAD: has a body"
        return
    judged = profiles()[system].answers.judge(endpoint, response) if system != EDGE else _edge(response)
    yield from (f"{system}: {problem}" for problem in judged)


def _batch(system: str, response: Response) -> Iterator[str]:
    """The answer for each item of a batch."""
    yield from typed(response)
    found = items(response)
    if not 0 < len(found) <= MAX_ITEMS:
        yield "not a batch's answer"
        return
    if [list(item) for item in found] != [list(ITEM)] * len(found):
        yield "an item's answer of other fields"
        return
    if [item["index"] for item in found] != list(range(len(found))):
        yield "items out of order"
    if len({item["event_id"] for item in found}) < len(found):
        yield "two items with one event id"
    if (response.status == 200) != all(item["status"] < 300 for item in found):
        yield f"{response.status} for a batch of other items"
    if "gateway-delivery" in response.headers:
        yield "a batch speaks of one delivery"
    for item in found:
        accepted = item["status"] < 300
        if item["status"] >= 500:
            yield f"an item of {item['status']}"
        elif item["delivery"] not in (("delivered", "queued") if accepted else ("rejected",)):
            yield f"an item of {item['status']} that is {item['delivery']}"
        if accepted == bool(item["error"]) or len(item["error"] or "") > 512:
            yield f"an item of {item['status']} with another error"
        if not _ULID.fullmatch(item["event_id"]):
            yield "an item without an event id"
        if item["status"] not in {*profiles()[system].answers.statuses, 400}:
            yield f"an item of {item['status']}"


def _delivery_header(
    system: str, endpoint: str, status: int, delivery: str, response: Response
) -> Iterator[str]:
    if not endpoint or endpoint in profiles()[system].untracked or status == 405:
        if delivery:
            yield f"{system}: Gateway-Delivery {delivery} where there is no event"
    elif status < 300:
        if delivery not in ("delivered", "queued"):
            yield f"{system}: {status} with Gateway-Delivery {delivery!r}"
    elif delivery == "" and status == 404:
        if response.header("gateway-error") != "unknown path":
            yield f"{system}: 404 without Gateway-Delivery"
    elif status < 500 and delivery != "rejected":
        yield f"{system}: {status} with Gateway-Delivery {delivery!r}"


def _edge(response: Response) -> Iterator[str]:
    yield from typed(response)
    if parsed(response) != {"message": "Not found"}:
        yield "not its 404"


def possible_dialects(target: bytes) -> set[tuple[str, str]]:
    """(system, endpoint) that may answer a target; an endpoint is empty where no route has the path.

    Two where it is not one reading alone: an encoded slash, an empty segment, a full URL.
    """
    path = target.decode("latin-1").partition("?")[0].partition("#")[0]
    path = re.sub(r"^https?://[^/]*", "", path) or "/"
    decoded = unquote(path, errors="replace")
    found = set()
    for one in (path, decoded):
        once = re.sub(r"/{2,}", "/", one)
        for spelled in {one, once, one.rstrip("/") or "/", once.rstrip("/") or "/"}:
            found |= {_owner(spelled), (EDGE, "") if spelled.strip("/") == "" else _unknown(spelled)}
    routed = {one for one in found if one[1]}
    # A path that is a route's by every reading is never unknown.
    ambiguous = "%" in path or "//" in path
    return found if ambiguous or not routed else routed


def _owner(path: str) -> tuple[str, str]:
    if path.rstrip("/") in trunks():
        return _unknown(path)
    bare = path.rstrip("/") or "/"
    sample = next((one for one, pattern in _by_words() if pattern.fullmatch(bare)), None)
    if sample is None or sample.system == EDGE:
        return _unknown(path)
    return sample.system, sample.name


def _unknown(path: str) -> tuple[str, str]:
    if (of_a_door := re.match(r"/?batch/(\w+)(/|$)", path)) and of_a_door[1] in profiles():
        return of_a_door[1], ""
    matches = {name: re.match(profile.answers.unknown, path) for name, profile in profiles().items()}
    lengths = {name: len(match[0]) for name, match in matches.items() if match}
    return max(lengths, key=lengths.__getitem__, default=EDGE), ""


@cache
def trunks() -> frozenset[str]:
    """Paths that only have others below them (`/v1/track`): in their place a variable matches nothing."""
    routes = {one.route for one in samples()}
    found = {
        "/".join(route.split("/")[:count]) for route in routes for count in range(2, route.count("/") + 1)
    }
    return frozenset(path for path in found if "{" not in path) - routes


@cache
def _by_words() -> tuple[tuple[Sample, re.Pattern[str]], ...]:
    """The routes with what their paths match. Where a word and a variable could both match, the word wins."""
    return tuple((one, _pattern(one)) for one in sorted(samples(), key=lambda one: one.route.count("{")))


def _pattern(sample: Sample) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\+?\}", sample.route)
    return re.compile("[^/]+".join(map(re.escape, parts)), re.DOTALL)
