"""The local AWS and the sandbox take nothing from web pages; the API itself stays open to them."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from tools.guard import FRONT, refusal
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox
from tools.sandbox.running import running_sandbox

FOREIGN = [
    pytest.param({"Origin": "https://evil.example"}, id="another origin"),
    pytest.param({"Origin": "null"}, id="a sandboxed frame"),
    pytest.param({"Origin": "http://localhost:9"}, id="another port of this machine"),
    pytest.param({"Origin": "https://{host}"}, id="another scheme"),
    pytest.param({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, id="an image"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="a link on another port"),
    pytest.param({"Host": "evil.example"}, id="a rebound name"),
    pytest.param({"Host": "evil.example:4566", "Origin": "http://evil.example:4566"}, id="a rebound page"),
    pytest.param({"Host": "127.0.0.1.evil.example"}, id="a name that begins like ours"),
    pytest.param({"Host": "localhost@evil.example"}, id="a name after ours"),
    pytest.param({"Host": "evillocalhost"}, id="a name that ends like ours"),
]
BODY = {"Content-Length": "30"}
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def exchange(url: str, head: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """Send headers and no body, whatever they say of it: what is refused must be refused without it."""
    at = urlsplit(url).netloc
    fields = {"Host": at, "Content-Type": "text/plain", **headers}
    lines = [f"{head} HTTP/1.1", *(f"{name}: {value.format(host=at)}" for name, value in fields.items())]
    host, _, port = at.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        connection.settimeout(20)
        read = b""
        while b"\r\n\r\n" not in read and (part := connection.recv(65536)):
            read += part
    return int(read.split()[1]), read


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("head", ["POST /_sandbox/faults", "POST /trax/api/v4/project/session/x"])
def test_the_sandbox_refuses_pages_unread(sandbox: Sandbox, head: str, headers: dict[str, str]) -> None:
    sandbox.reset()

    status, answer = exchange(sandbox.url, head, headers | BODY)

    assert status == 403
    assert b"access-control-allow-origin" not in answer.lower()
    assert sandbox.ledger() == []


@pytest.mark.parametrize("headers", FOREIGN)
def test_the_local_aws_refuses_pages_unread(local: LocalStack, headers: dict[str, str]) -> None:
    read_secret = headers | BODY | {"X-Amz-Target": "secretsmanager.ListSecrets"}

    status, answer = exchange(local.aws.url, "POST /", read_secret)

    assert status == 403
    assert b"access-control-allow-origin" not in answer.lower()


def test_a_page_has_no_way_round_by_a_preflight_a_get_or_the_api_in_the_local_aws(local: LocalStack) -> None:
    api = f"/restapis/{local.deployed.resources['Api']}/live/_user_request_/v1/version"
    page = {"Origin": "https://evil.example"}
    made = {**page, FRONT.decode(): "guessed"}

    for head, headers in (
        ("OPTIONS /", page | {"Access-Control-Request-Method": "POST"}),
        ("GET /?Action=CreateQueue&QueueName=made-by-a-page", page),
        (f"GET {api}", page),
        (f"GET {api}", made),
        ("GET /_ministack/health", page | UPGRADE),
    ):
        assert exchange(local.aws.url, head, headers)[0] == 403, head

    assert not [
        url for url in local.client("sqs").list_queues().get("QueueUrls", []) if "made-by-a-page" in url
    ]


@pytest.mark.parametrize("name", ["localhost", "bucket.s3.localhost"])
def test_the_local_aws_is_called_by_its_own_names(local: LocalStack, name: str) -> None:
    port = urlsplit(local.aws.url).port

    assert exchange(local.aws.url, "GET /_ministack/health", {"Host": f"{name}:{port}"})[0] == 200


def test_the_api_is_open_to_pages_and_does_not_let_them_pose_as_the_front(local: LocalStack) -> None:
    page = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site", FRONT.decode(): "guessed"}

    answer = requests.post(
        f"{local.url}/v1/version/?idApp=666", headers=page | {"Authorization": "local-client-key"}, timeout=60
    )

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_functions_do_not_see_the_key_of_the_front(local: LocalStack) -> None:
    assert local.aws.key
    logs = (local.places.logs / "functions.log").read_text()
    variables = local.client("lambda").get_function_configuration(
        FunctionName=local.deployed.resources["TraxSession"]
    )["Environment"]["Variables"]

    assert local.aws.key
    assert local.aws.key not in logs + json.dumps(variables)


@pytest.mark.parametrize(
    ("headers", "key", "refused"),
    [
        ([(b"Host", b"127.0.0.1:4566")], b"", False),
        ([(b"host", b"[::1]:4566")], b"", False),
        ([(b"host", b"LOCALHOST")], b"", False),
        ([(b"host", b"a1b2.execute-api.localhost:4566")], b"", False),
        ([(b"host", b"localhost:4010"), (b"origin", b"http://localhost:4010")], b"", False),
        ([(b"host", b"localhost:4010"), (b"sec-fetch-site", b"none")], b"", False),
        ([(b"host", b"localhost"), (b"origin", b"https://app.example"), (FRONT, b"k")], b"k", False),
        ([(b"host", b"localhost"), (b"origin", b"https://app.example"), (FRONT, b"")], b"", True),
        ([(b"host", b"evil.example"), (FRONT, b"k")], b"k", True),
        ([(b"host", b"localhost"), (b"host", b"evil.example")], b"", True),
        ([(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"origin", b"null")], b"", True),
    ],
)
def test_the_rule(headers: list[tuple[bytes, bytes]], key: bytes, refused: bool) -> None:
    assert (refusal(headers, key) is not None) is refused
