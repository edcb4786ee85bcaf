"""What API Gateway was seen to do with a request: we read its events, and every path gets an answer."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from edge.unknown_path import handler as unknown_path
from gateway.inbound.request import Request
from tests.architecture.house import TEMPLATE
from tests.conformity.facts import Fact, fact, facts
from tests.conformity.routing import routed

ROUTES = [(route.method.upper(), route.path) for route in TEMPLATE.routes]
OTHERWISE = "/{proxy+}"

BELOW = sorted(
    {
        "/" + "/".join(path.strip("/").split("/")[:depth])
        for _, path in ROUTES
        for depth in range(1, path.count("/"))
    }
    - {path for _, path in ROUTES}
)
"""Paths that have no route and have routes below them: `/v1`."""


def asked_for(path: str) -> str:
    """A path with a value for each variable."""
    return re.sub(r"\{[a-z_]+\+?\}", "some", path)


@pytest.mark.parametrize("seen", facts("api_gateway", "requests"), ids=str)
def test_an_event_is_read_as_it_was_sent(seen: Fact) -> None:
    request = Request.of(seen["event"], max_body=1024)

    assert request.resource == seen["event"]["resource"]
    assert [list(pair) for pair in request.query] == seen.get("query", [])
    assert request.received == seen["event"].get("body", "").encode()
    for name, value in seen.get("headers", {}).items():
        assert request.header(name) == value
    if "value" in seen.values:
        assert request.path_values["proxy"] == seen["value"]


@pytest.mark.parametrize(
    "seen", [fact("api_gateway", f"routing.{name}") for name in ("missing_method", "unknown_below")], ids=str
)
def test_routes_are_chosen_as_was_seen(seen: Fact) -> None:
    routes = [tuple(route.split(" ")) for route in seen["routes"]]

    for request, chosen in seen["asked"].items():
        method, path = request.split(" ")
        assert routed(method, path, [(known, template) for known, template in routes]) == chosen, request


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "DELETE", "PROPFIND"])
def test_each_route_takes_every_method_and_its_path_with_a_slash_before_or_behind(method: str) -> None:
    trailing = fact("api_gateway", "requests.trailing_slash")["event"]
    leading = fact("api_gateway", "requests.double_slash_in_front")["event"]
    assert (trailing["path"], trailing["pathParameters"]["proxy"]) == ("/proxy-value/", "proxy-value")
    assert (leading["requestContext"]["path"], leading["resource"]) == ("/stage//hardcoded", "/hardcoded")

    for _, path in ROUTES:
        for sent in (asked_for(path), f"{asked_for(path)}/", f"/{asked_for(path)}"):
            assert routed(method, sent, ROUTES) == path


def test_there_are_paths_between() -> None:
    assert {"/v1", "/api", "/onesignal", "/v2/instances/{instance}"} <= set(BELOW)


@pytest.mark.parametrize("path", BELOW)
def test_a_path_that_has_only_others_below_it_falls_through_and_is_answered(path: str) -> None:
    sent = asked_for(path)

    assert routed("POST", sent, ROUTES) in (OTHERWISE, *(known for _, known in ROUTES if "{" in known))
    if routed("POST", sent, ROUTES) == OTHERWISE:
        answer = unknown_path(fallen_through(sent))
        # MyTracker's answer to the versions that it does not have.
        assert answer["statusCode"] == (400 if path in ("/v2", "/v3") else 404)
        assert answer["headers"]["Access-Control-Allow-Origin"]


@pytest.mark.parametrize(
    ("path", "body"), [("/v1", '{"error":"Method not found"}'), ("/api/r", '{"message":"Not found"}')]
)
def test_a_trailing_slash_changes_nothing_for_the_edge(path: str, body: str) -> None:
    for sent in (path, f"{path}/"):
        answer = unknown_path(fallen_through(sent))
        assert (answer["statusCode"], answer["body"]) == (404, body)


def test_a_double_slash_inside_a_path_is_answered() -> None:
    sent = "/v1//login"
    seen = fact("api_gateway", "requests.double_slash_inside")["event"]
    assert seen["pathParameters"]["proxy"] == seen["path"].strip("/")

    assert routed("POST", sent, ROUTES) == OTHERWISE
    answer = unknown_path(fallen_through(sent))
    assert (answer["statusCode"], answer["body"]) == (404, '{"error":"Method not found"}')


def test_what_no_route_takes_has_a_gateway_response_that_exists() -> None:
    kinds = fact("api_gateway", "routing.gateway_responses")["kinds"]
    nothing = fact("api_gateway", "routing.nothing_matches")["gateway_response"]

    assert set(TEMPLATE.gateway_responses) <= set(kinds)
    assert nothing in kinds
    assert str(TEMPLATE.gateway_responses[nothing]["StatusCode"]) == "404", "not a 403 that speaks of tokens"


def fallen_through(path: str) -> Mapping[str, Any]:
    """The event of a path that `/{proxy+}` takes."""
    seen = fact("api_gateway", "requests.double_slash_inside")["event"]
    return {**seen, "httpMethod": "POST", "path": path, "pathParameters": {"proxy": path.strip("/")}}
