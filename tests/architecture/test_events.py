"""Each sample event is a request that its endpoint takes, in API Gateway's form."""

import json
import re
from typing import Any

import pytest

from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from tests.architecture.house import ENDPOINTS, TEMPLATE, Function, short
from tools.local.credentials import CLIENT_KEY

with_event = pytest.mark.parametrize(
    "function", [function for function in ENDPOINTS if function.event.is_file()], ids=str
)


@with_event
def test_it_is_of_a_route_of_its_function(function: Function) -> None:
    event = _event(function)

    assert event["resource"] in function.paths, (
        f"{short(function.event)}: `resource` is {event['resource']}, but {function} has "
        f"{', '.join(function.paths)}"
    )
    assert event["requestContext"]["resourcePath"] == event["resource"], short(function.event)
    assert event["requestContext"]["httpMethod"] == event["httpMethod"], short(function.event)


@with_event
def test_its_path_is_its_resource_with_its_values(function: Function) -> None:
    event = _event(function)
    values = event["pathParameters"] or {}
    path = re.sub(r"\{(\w+)\+?\}", lambda found: values.get(found[1], "?"), event["resource"])

    assert event["path"].rstrip("/") == path.rstrip("/"), short(function.event)


@with_event
def test_its_headers_are_there_in_both_forms(function: Function) -> None:
    event = _event(function)
    last = {name: values[-1] for name, values in event["multiValueHeaders"].items()}
    query = event["multiValueQueryStringParameters"] or {}

    assert event["headers"] == last, f"{short(function.event)}: headers and multiValueHeaders differ"
    assert (event["queryStringParameters"] or {}) == {name: values[-1] for name, values in query.items()}, (
        f"{short(function.event)}: the two forms of the query differ"
    )


@with_event
def test_its_endpoint_takes_it(function: Function) -> None:
    handler = function.load()
    if not isinstance(handler, Endpoint):
        assert isinstance(handler(_event(function))["statusCode"], int)
        return
    request = Request.of(_event(function), max_body=handler.contract.max_body)

    assert request.method == handler.method, short(function.event)
    assert handler.contract.exists(request), short(function.event)
    call, _ = handler.task(request)
    assert (call.system, call.endpoint) == (function.folder, function.name)


def test_each_shows_the_client_key_that_its_endpoint_asks_for() -> None:
    silent = []
    for function in ENDPOINTS:
        handler = function.load()
        if isinstance(handler, Endpoint) and handler.contract.needs_key and _wants_key(handler.system.name):
            request = Request.of(_event(function), max_body=handler.contract.max_body)
            if CLIENT_KEY not in handler.system.presented(request):
                silent.append(short(function.event))

    assert not silent, f"show {CLIENT_KEY} in {', '.join(silent)}, or `make send` is refused"


def _event(function: Function) -> Any:
    return json.loads(function.event.read_text())


def _wants_key(system: str) -> bool:
    parameter = TEMPLATE.settings.get(f"{system}_client_keys".upper())
    return parameter is not None and TEMPLATE.parameters[parameter]["Default"] == "required"
