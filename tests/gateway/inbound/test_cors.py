"""A preflight says back what it was asked, as far as that can stand in a header."""

from typing import Any

import pytest

from edge.unknown_path import handler as unknown_path
from gateway.inbound import cors
from gateway.inbound.request import Request

ODD = ["\xff", "content-type\xe9", "a b", "a:b", '"a"', "a,,b", ",", "x" * 5000, "a\tb c"]


@pytest.mark.parametrize("asked", ["content-type", "Content-Type,X-A", "x-a , x-b", "X-" + "a" * 200])
def test_names_of_headers_are_said_back(event: Any, asked: str) -> None:
    made = event("trax/session", method="OPTIONS", headers={"Access-Control-Request-Headers": asked})

    answer = cors.preflight(Request.of(made, max_body=1), ("PUT", "OPTIONS"))

    assert answer.headers["Access-Control-Allow-Headers"] == asked


@pytest.mark.parametrize("asked", ODD)
def test_nothing_else_is(event: Any, asked: str) -> None:
    made = event("trax/session", method="OPTIONS", headers={"Access-Control-Request-Headers": asked})

    answer = cors.preflight(Request.of(made, max_body=1), ("PUT", "OPTIONS"))

    assert answer.status == 204
    assert "Access-Control-Allow-Headers" not in answer.headers


@pytest.mark.parametrize("asked", [*ODD, "POST, X: y", "Basic dTpw", "P" * 65])
def test_what_is_no_method_is_no_preflight(event: Any, asked: str) -> None:
    headers = {"Access-Control-Request-Method": asked}

    answer = unknown_path(event("edge/unknown_path", method="OPTIONS", headers=headers))

    assert answer["statusCode"] == 404
    assert "Access-Control-Allow-Methods" not in answer["headers"]
