"""The document's batch doors: parameters, limits, and answers as the doors give them."""

import importlib

import pytest

from gateway.inbound.items import MAX_ITEMS, NDJSON
from tests.architecture.house import TEMPLATE
from tests.fixtures.document import Document
from tests.profiles import profiles

DOORS = {route.path: route for route in TEMPLATE.routes if route.is_door}


def test_every_door_is_there(document: Document) -> None:
    assert dict(document.doors()).keys() == DOORS.keys()


@pytest.mark.parametrize("path", DOORS)
def test_it_takes_its_endpoints_bodies_and_answers_for_each(document: Document, path: str) -> None:
    operation = dict(document.doors())[path]
    handler = importlib.import_module(DOORS[path].endpoint).handler

    content = document.resolved(operation["requestBody"])["content"]
    assert content.keys() == {"application/json", NDJSON}
    assert content["application/json"]["schema"]["maxItems"] == MAX_ITEMS
    assert {"200", "207", "400", "405", "429", "default"} <= operation["responses"].keys()
    # A store takes a batch without a queue, so its doors are never closed.
    assert ("404" in operation["responses"]) == (handler.system.upstream.at_once < MAX_ITEMS)
    assert "4XX" not in operation["responses"]
    for status in ("200", "207"):
        (media,) = operation["responses"][status]["content"].values()
        (example,) = media["examples"].values()
        assert document.problems(media["schema"], example["value"]) == []
        accepted = [item["status"] < 300 for item in example["value"]["items"]]
        assert all(accepted) == (status == "200")
        assert "Gateway-Delivery" not in operation["responses"][status]["headers"]
    parameters = [document.resolved(one) for one in operation["parameters"]]
    required = {one["name"] for one in parameters if one["in"] == "query" and one.get("required")}
    assert required >= handler.path.model_fields.keys()


@pytest.mark.parametrize("path", DOORS)
def test_it_asks_for_the_single_calls_key(document: Document, path: str) -> None:
    route, security = DOORS[path], dict(document.doors())[path]["security"]
    single = next(
        operation
        for _, _, operation in document.operations()
        if operation["operationId"] == route.endpoint.replace(".", "_")
    )

    assert security == single["security"]
    assert profiles()[route.system].client_keys == "never" or security
