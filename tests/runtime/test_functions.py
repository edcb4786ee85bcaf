"""Each function as Lambda runs it: the built artifact and its layers, with nothing of the project around."""

import json
from typing import Any

import pytest

from gateway.endpoint import Endpoint
from gateway.outbound.http_upstream import HttpUpstream
from tests.architecture.house import ENDPOINTS, WORKERS, Function
from tests.runtime.workbench import Workbench

OF_SYSTEMS = [function for function in ENDPOINTS if function.system is not None]
OF_VENDORS = [one for one in OF_SYSTEMS if isinstance(one.load().system.upstream, HttpUpstream)]


@pytest.mark.parametrize("function", OF_SYSTEMS, ids=str)
def test_it_delivers_its_sample_event_and_survives_its_upstream(bench: Workbench, function: Function) -> None:
    handler: Endpoint[Any, Any] = function.load()
    event = json.loads(function.event.read_text())

    with bench.start(function) as emulator:
        answer = emulator.invoke(event)
        received = [(entry.system, entry.verdict) for entry in bench.sandbox.ledger()]
        if function in OF_VENDORS:
            bench.sandbox.fault("reset", system=function.folder)
        later = emulator.invoke(event)
        said = emulator.log.read_text()

    assert answer.get("statusCode") in (200, 201, 202, 204), answer
    headers = answer["headers"]
    assert headers.get("Gateway-Delivery") == ("delivered" if handler.contract.carries_event else None), (
        answer
    )
    assert len(headers["Gateway-Event-Id"]) == 26
    assert headers["Access-Control-Allow-Origin"] == "*"
    if headers.get("Content-Type") == "application/json" and answer["body"]:
        assert not {"error", "description"} & set(json.loads(answer["body"]))
    assert received == ([(function.folder, "taken")] if function in OF_VENDORS else [])
    assert later["headers"]["Gateway-Event-Id"], later
    assert function not in OF_VENDORS or later["headers"].get("Gateway-Delivery") != "delivered"
    assert "Traceback" not in said


def test_an_envelope_is_the_documented_one(bench: Workbench) -> None:
    (function,) = (one for one in ENDPOINTS if one.logical_id == "OneSignalNewSession")

    with bench.start(function) as emulator:
        answers = [emulator.invoke(json.loads(function.event.read_text())) for _ in range(3)]

    assert [answer["statusCode"] for answer in answers] == [200, 200, 200]
    assert answers[0]["body"] == '{"message":"session updated","response":{"success":true}}'


def test_unknown_paths_are_answered(bench: Workbench) -> None:
    (function,) = (one for one in ENDPOINTS if one.folder == "edge")

    with bench.start(function) as emulator:
        answer = emulator.invoke(json.loads(function.event.read_text()))

    assert answer["statusCode"] == 404
    assert bench.sandbox.ledger() == []


@pytest.mark.parametrize("function", WORKERS, ids=str)
def test_a_worker_takes_a_batch_of_nothing(bench: Workbench, function: Function) -> None:
    with bench.start(function) as emulator:
        assert emulator.invoke({"Records": []}) == {"batchItemFailures": []}


def test_logs_are_structured_and_name_nobody(bench: Workbench) -> None:
    (function,) = (one for one in ENDPOINTS if one.logical_id == "TraxSession")
    event = json.loads(function.event.read_text())

    with bench.start(function) as emulator:
        emulator.invoke(event)
        lines = emulator.said

    (call,) = (line for line in lines if line.get("message") == "call")
    assert call["resource"] == event["resource"]
    assert (call["status"], call["delivery"]) == (200, "delivered")
    said = json.dumps(lines)
    for kept in ("local-trax-credential", "local-client-key", *event["pathParameters"].values()):
        assert kept not in said


def test_without_its_layer_a_function_finds_nothing(bench: Workbench) -> None:
    """Else the tests above would prove nothing: they would run on the project's own packages."""
    (function,) = (one for one in ENDPOINTS if one.logical_id == "TraxSession")
    emulator = bench.start(function)
    layers = [str(layer / "python") for layer in bench.artifact.layers_of(function)]
    path = [part for part in emulator.environment["PYTHONPATH"].split(":") if part not in layers]
    emulator.environment["PYTHONPATH"] = ":".join(path)

    with emulator:
        answer = emulator.invoke(json.loads(function.event.read_text()))

    assert answer["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'gateway'" in answer["errorMessage"] or "pydantic" in answer["errorMessage"]
