"""What AWS makes of the template's API, seen through the transform and the deployed local API."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.architecture.house import TEMPLATE
from tools.local.stack import LocalStack


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: found for name, found in template["Resources"].items() if found["Type"] == kind}


def test_there_is_one_stage_and_it_is_live(transformed: dict[str, Any]) -> None:
    stages = of_type(transformed, "AWS::ApiGateway::Stage").values()

    assert [stage["Properties"]["StageName"] for stage in stages] == ["live"]


def test_the_endpoint_is_regional(transformed: dict[str, Any]) -> None:
    (api,) = of_type(transformed, "AWS::ApiGateway::RestApi").values()

    assert api["Properties"]["EndpointConfiguration"]["Types"] == ["REGIONAL"]


def test_bodies_of_every_type_arrive_as_bytes(local: LocalStack) -> None:
    api = local.client("apigateway").get_rest_api(restApiId=local.deployed.resources["Api"])

    assert api["binaryMediaTypes"] == ["*/*"]


def test_every_route_takes_every_method(transformed: dict[str, Any]) -> None:
    (api,) = of_type(transformed, "AWS::ApiGateway::RestApi").values()
    paths = {}
    for path, methods in api["Properties"]["Body"]["paths"].items():
        paths[path] = set(methods["Fn::If"][1] if "Fn::If" in methods else methods)

    assert paths == {route.path: {"x-amazon-apigateway-any-method"} for route in TEMPLATE.routes}


def test_every_event_makes_a_deployment_of_its_own(transformed: dict[str, Any]) -> None:
    # A new deployment has a new logical id; SAM's own one comes from the routes alone.
    (api,) = (
        found for found in TEMPLATE.data["Resources"].values() if found["Type"] == "AWS::Serverless::Api"
    )

    assert api["Properties"]["AlwaysDeploy"] is True
    assert len(of_type(transformed, "AWS::ApiGateway::Deployment")) == 1


ADDRESS = "$context.identity.sourceIp"


def test_access_logs_hold_no_path_or_query_and_an_address_only_if_asked(transformed: dict[str, Any]) -> None:
    (stage,) = of_type(transformed, "AWS::ApiGateway::Stage").values()
    text, parts = stage["Properties"]["AccessLogSetting"]["Fn::If"][1]["Format"]["Fn::Sub"]
    condition, asked, unasked = parts["Address"]["Fn::If"]

    written = json.loads(text.replace("${Address}", unasked))
    assert condition == "ClientIpLogged"
    assert json.loads(text.replace("${Address}", asked)) == written | {"sourceIp": ADDRESS}
    assert set(written.values()) == {
        "$context.requestId",
        "$context.requestTime",
        "$context.resourcePath",
        "$context.httpMethod",
        "$context.status",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.integrationStatus",
        "$context.error.responseType",
        "$context.requestLength",
        "$context.responseLength",
    }


def test_api_gateway_traces_nothing(transformed: dict[str, Any]) -> None:
    # Its traces hold whole URLs, and addresses.
    (stage,) = of_type(transformed, "AWS::ApiGateway::Stage").values()

    assert stage["Properties"]["TracingEnabled"] is False


def test_nothing_writes_requests_or_bodies(transformed: dict[str, Any]) -> None:
    (stage,) = of_type(transformed, "AWS::ApiGateway::Stage").values()

    for setting in stage["Properties"]["MethodSettings"]:
        assert setting["DataTraceEnabled"] is False
        assert setting["LoggingLevel"] == "OFF"


def test_a_path_and_the_same_with_a_slash_are_one_route(local: LocalStack) -> None:
    answers = [
        requests.post(f"{local.url}/onesignal/track-open{slash}", data="{}", timeout=60)
        for slash in ("", "/", "/?")
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert len({answer.text for answer in answers}) == 1


@pytest.fixture
def closed(local: LocalStack) -> Iterator[str]:
    """The URL of a method that the stage lets nobody through to."""
    method = "/~1onesignal~1track-open/DELETE"

    def patch(*operations: dict[str, str]) -> None:
        api = local.deployed.resources["Api"]
        local.client("apigateway").update_stage(restApiId=api, stageName="live", patchOperations=operations)

    limits = [f"{method}/throttling/rateLimit", f"{method}/throttling/burstLimit"]
    patch(*({"op": "replace", "path": path, "value": "0"} for path in limits))
    yield f"{local.url}/onesignal/track-open"
    patch({"op": "remove", "path": method})


def test_throttled_calls_get_the_body_that_every_dialect_finds_its_text_in(closed: str) -> None:
    answer = requests.delete(closed, timeout=60)

    assert answer.status_code == 429
    assert answer.json() == dict.fromkeys(("message", "error", "description"), "Too Many Requests")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/json"


def test_the_limit_is_lifted_again(local: LocalStack) -> None:
    answer = requests.delete(f"{local.url}/onesignal/track-open", timeout=60)

    assert answer.status_code == 405


def test_api_gateways_own_server_errors_say_when_to_come_again() -> None:
    headers = TEMPLATE.gateway_responses["DEFAULT_5XX"]["ResponseParameters"]["Headers"]

    assert headers["Retry-After"] == "'5'"


def test_a_word_wins_over_a_variable_in_its_place(local: LocalStack) -> None:
    """`/api/r/v2/apps/…` and `/api/{version_number}/{project_name}/…`."""
    word = requests.delete(f"{local.url}/api/r/v2/apps/20523-1212/instances", timeout=60)
    variable = requests.delete(f"{local.url}/api/v4/apps/session/instances", timeout=60)

    assert (word.status_code, list(word.json())) == (405, ["message"])
    assert (variable.status_code, list(variable.json())) == (405, ["description"])


def test_the_stack_stays_far_under_cloudformations_limit(transformed: dict[str, Any]) -> None:
    assert len(transformed["Resources"]) < 400


def test_siblings_of_a_path_variable_are_words() -> None:
    """API Gateway refuses two variables of different names in one place, which the local AWS takes."""
    places: dict[str, set[str]] = {}
    for route in TEMPLATE.routes:
        segments = route.path.split("/")
        for number, segment in enumerate(segments):
            if segment.startswith("{") and not segment.endswith("+}"):
                places.setdefault("/".join(segments[:number]), set()).add(segment)

    assert {place: names for place, names in places.items() if len(names) > 1} == {}
