"""The document of the API reference: the API's own, as it is true of this run."""

import json
from typing import Any

import pytest

from tests.console.asgi import HOST, call, cookie
from tools.console.access import Access
from tools.console.guard import App
from tools.console.reference import DOCUMENT, described
from tools.systems.registry import profiles

WRITTEN = json.loads(DOCUMENT.read_text())


@pytest.fixture
def served(app: App, access: Access) -> Any:
    return call(app, "GET", "/openapi.json", [HOST, cookie(access)]).json()


def operations(document: Any) -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
    }


def test_it_has_every_operation_with_its_texts_and_answers(served: Any) -> None:
    written = operations(WRITTEN)

    assert operations(served).keys() == written.keys()
    for name, operation in operations(served).items():
        assert {**operation, "parameters": None} == {**written[name], "parameters": None}


def test_its_only_server_is_the_run(served: Any) -> None:
    assert served["servers"] == [{"url": "http://127.0.0.1:3000", "description": "This local run"}]


def test_nothing_optional_is_filled_in_that_would_spoil_a_call(served: Any) -> None:
    parameters = [one for operation in operations(served).values() for one in operation["parameters"]]

    assert all("ContentEncoding" not in one.get("$ref", "") for one in parameters)
    assert all("example" not in one for one in served["components"]["parameters"].values())


def test_every_security_scheme_has_the_placeholder_as_its_clients_send_the_key(served: Any) -> None:
    filled_in = {
        name: scheme["x-scalar-secret-token"]
        for name, scheme in served["components"]["securitySchemes"].items()
    }

    for profile in profiles().values():
        if profile.page.keys is not None:
            samples = set(profile.page.keys.headers("$CLIENT_KEY").values())
            assert samples & {filled_in[name] for name in profile.page.keys.schemes}
    assert all("$CLIENT_KEY" in value for value in filled_in.values())


def test_a_system_that_is_not_in_the_document_yet_keeps_no_run_from_starting() -> None:
    """Between a new `profile.py` and `make openapi`."""
    older = {**WRITTEN, "components": {**WRITTEN["components"], "securitySchemes": {}}}

    schemes = described(older, "http://127.0.0.1:3000", "$CLIENT_KEY")["components"]["securitySchemes"]

    assert schemes
    assert all("$CLIENT_KEY" in scheme["x-scalar-secret-token"] for scheme in schemes.values())


def test_the_page_is_behind_the_guard_and_relaxes_styles_alone(app: App, access: Access) -> None:
    answer = call(app, "GET", "/docs", [HOST, cookie(access)])

    assert answer.status == 200
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
        "style-src": "'self' 'unsafe-inline'",
    }
    assert call(app, "GET", "/docs").status == 401
    assert call(app, "GET", "/openapi.json").status == 401
