"""`bin/trackgate trace` of a local run shows what was sent and answered, and no credential."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from gateway.core.task import DeliveryTask
from tests.operator.conftest import World
from tests.operator.test_exchanges import SAME, Ledger, entry, life
from tools.local.credentials import CLIENT_KEY
from tools.masks import MASK
from tools.operator.client_keys.entries import NewKey
from tools.operator.trace import bodies
from tools.operator.trace.bodies import Sent, sent_requests
from tools.sandbox.client import Answer

CREDENTIAL = 'pl4nted/"credential'


@pytest.fixture
def trace(
    world: World, make_task: Callable[..., DeliveryTask], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Sent]:
    """What is shown of a request that holds a text wherever it can; the credential is another system's."""
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret(make_task().system),
        SecretString=json.dumps({"credentials": {"*": CREDENTIAL}}),
    )

    def sent(text: str) -> Sent:
        answer = Answer(headers=(), content=f"you sent {text}".encode(), size=0)
        kept = replace(entry(1, 1.0), system="acme", target=f"/acme/{text}", content=text.encode())
        kept = replace(kept, answer=answer)
        monkeypatch.setattr(bodies, "_sandbox", lambda system: "http://127.0.0.1:9")
        monkeypatch.setattr(bodies, "Sandbox", lambda url: Ledger(kept))
        return sent_requests(world.stack, life((1, SAME)))[1]

    return sent


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CREDENTIAL, id="as it is"),
        pytest.param(quote(CREDENTIAL, safe=""), id="in a query"),
        pytest.param(json.dumps({"key": CREDENTIAL}), id="in JSON"),
        pytest.param(json.dumps({"key": CREDENTIAL}).replace("/", "\\/"), id="in JSON of PHP"),
        pytest.param(base64.b64encode(f"user:{CREDENTIAL}".encode()).decode(), id="as Basic has it"),
        pytest.param(CLIENT_KEY, id="the local client key"),
        pytest.param(NewKey().text, id="a client key of another stack"),
    ],
)
def test_no_credential_is_shown(trace: Callable[[str], Sent], text: str) -> None:
    shown = trace(text)

    for part in (shown.target, shown.body, shown.answer or ""):
        assert MASK in part
        assert text not in part
        assert "nted" not in part


def test_everything_else_is_shown(trace: Callable[[str], Sent]) -> None:
    assert trace("a%2Fb\\u0041").data() == {
        "method": "POST",
        "target": "/a%2Fb\\u0041",
        "body": "a%2Fb\\u0041",
        "answer": "you sent a%2Fb\\u0041",
    }
