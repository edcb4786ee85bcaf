"""What API Gateway was seen to do with a function's answer: it sends each of ours unchanged."""

from typing import Any

import pytest

from gateway.core.answer import Answer, json_answer
from tests.architecture.house import ENDPOINTS, TEMPLATE, Function
from tests.conformity.facts import fact
from tests.sample_events import load_event

ANSWERS = [
    json_answer(200, {"a": 1}),
    Answer(status=202, body=b"", content_type=None, delivery="queued"),
    Answer(status=200, body=b"\xff\xfe", content_type="application/octet-stream"),
    Answer(status=503, body=b"later", content_type="text/plain", headers={"Retry-After": "5"}),
]


def check(event: dict[str, Any]) -> None:
    """Whether API Gateway takes an answer, and sends it as it is."""
    assert set(event) <= set(fact("api_gateway", "answers.fields")["known"])
    assert type(event["statusCode"]) is int
    names = [name.lower() for name in event["headers"]]
    assert "content-type" in names, fact("api_gateway", "answers.default_type").says
    assert len(names) == len(set(names))
    assert "multiValueHeaders" not in event, fact("api_gateway", "answers.both_header_maps").says
    for name, value in event["headers"].items():
        assert isinstance(value, str) or (value is None and name.lower() == "content-type"), name


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: str(answer.status))
def test_an_answer_is_one_that_api_gateway_takes(answer: Answer) -> None:
    check(answer.event({"Gateway-Event-Id": "e"}))


@pytest.mark.parametrize("function", ENDPOINTS, ids=str)
def test_each_endpoint_answers_so(function: Function) -> None:
    event = load_event(f"{function.folder}/{function.name}") | {"httpMethod": "PATCH"}

    check(function.load()(event, None))


def test_bytes_are_not_sent_as_their_base64() -> None:
    ((_, api),) = [
        (name, found)
        for name, found in TEMPLATE.data["Resources"].items()
        if found["Type"] == "AWS::Serverless::Api"
    ]

    assert api["Properties"]["BinaryMediaTypes"] == ["*/*"], fact("api_gateway", "answers.base64").says


def test_an_answer_without_a_type_says_so_with_a_null() -> None:
    assert ANSWERS[1].event({})["headers"]["Content-Type"] is None, fact(
        "api_gateway", "answers.null_type"
    ).says
