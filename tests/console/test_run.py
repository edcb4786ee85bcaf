"""The console of a real local run: an event that met 503, 503, 200, live and on both wires."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fixtures.api import Api
from tests.until import until
from tools.console.console import console
from tools.local.credentials import CLIENT_KEY
from tools.local.ports import free_port
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox
from tools.send import http1, sample
from tools.systems.registry import vendors


class Opened:
    """The console of `local`, opened as a browser opens it."""

    def __init__(self, stack: LocalStack, at: str, entrance: str) -> None:
        self.stack, self.at = stack, at
        self.session = requests.Session()
        assert self.session.get(entrance, timeout=60).status_code == 200
        self.shown = ""

    def get(self, path: str) -> Any:
        answer = self.session.get(f"{self.at}/api/{path}", timeout=60)
        self.shown += answer.text
        return answer.json()

    def post(self, path: str, value: Any) -> Any:
        headers = {"Origin": self.at}
        answer = self.session.post(f"{self.at}/api/{path}", json=value, headers=headers, timeout=60)
        self.shown += answer.text
        return answer.json()


@pytest.fixture
def opened(api: Api, local: LocalStack) -> Iterator[Opened]:
    assert not api.sandbox.faults()
    local.console_port = free_port()
    with console(local) as access:
        yield Opened(local, access.url, access.entrance)


def queued(stack: LocalStack) -> str:
    """The id of an event that met a 503 and was queued, the next one waits for it."""
    sandbox = Sandbox(stack.sandbox_url)
    for name in sample.names():
        system, _, endpoint = name.partition("/")
        if system in vendors() and endpoint != "batch":
            rule = sandbox.fault("status", system=system, status=503, next=2)
            _, answer = http1.send(sample.load(name), stack.url)
            if answer.status == 202:
                return dict(answer.headers)["Gateway-Event-Id"]
            sandbox.clear_faults(rule)
    pytest.fail("no sample event was queued")


def test_an_event_is_followed_from_the_app_to_its_redelivery(opened: Opened) -> None:
    stream = opened.session.get(f"{opened.at}/api/stream", stream=True, timeout=60)
    heard: list[str] = []

    def listen() -> None:
        heard.extend(line.decode() for line in stream.iter_lines())

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()

    event_id = queued(opened.stack)
    (event,) = until(lambda: opened.get(f"events?outcome=redelivered&id={event_id}")["events"])
    details = opened.get(f"events/{event['number']}")

    assert (event["status"], event["tries"], event["from"]) == (202, 3, "app")
    assert [exchange["response"]["status"] for exchange in details["upstream"]] == [503, 503, 200]
    assert [exchange["fault"] for exchange in details["upstream"]] == ["status", "status", None]
    assert details["life"]["outcome"] == "redelivered"
    assert details["app"]["request"]["body"]
    until(lambda: any('"redelivered"' in line for line in heard))
    assert CLIENT_KEY not in opened.shown + "".join(heard)
    assert f"local-{event['system']}-credential" not in opened.shown


def test_what_a_person_sends_and_switches(opened: Opened) -> None:
    name = next(each for each in sample.names() if not each.endswith("/batch"))
    request = sample.load(name)
    headers = [[field, value.replace(CLIENT_KEY, "$CLIENT_KEY")] for field, value in request.headers]
    call = {"method": request.method, "path": request.target, "headers": headers}

    sent = opened.post("send", call | {"body": request.body.decode()})
    assert sent["status"] < 500
    assert opened.get(f"events/{sent['number']}")["from"] == "console"

    rules = opened.post("faults", {"fault": "delay", "seconds": 0, "next": 1})["faults"]
    assert [rule["fault"] for rule in rules] == ["delay"]
    assert opened.post("faults/clear", {"system": None}) == {"faults": []}

    state = opened.get("state")
    assert {each["name"] for each in state["systems"]} >= vendors().keys()
    assert [key["id"] for key in state["keys"]].count("local") == 1
    assert CLIENT_KEY not in opened.shown
