"""The commands on the deployed local stack: letters that are delivered after all, keys that open and shut."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from gateway.call import Call
from gateway.queue import DeadLetter
from tools.local.stack import LocalStack
from tools.operator.app import app
from tools.operator.stack import Stack
from tools.sandbox.client import Entry, Sandbox

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

MakeCall = Callable[..., Call]
PURCHASE = "/v1/customEvent/?idApp=123"


@pytest.fixture
def run(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A command line with --local."""
    monkeypatch.setenv("AWS_PORT", str(urlsplit(local.aws.url).port))

    def run(*arguments: str, code: int = 0, text: str | None = None) -> Result:
        done = CliRunner().invoke(app, [*arguments, "--local"], input=text, env={"COLUMNS": "200"})
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return run


@pytest.fixture
def stack(run: Callable[..., Result]) -> Stack:
    """The stack as the commands see it."""
    del run
    return Stack.open("trackgate", local=True)


@pytest.fixture
def sandbox(local: LocalStack) -> Iterator[Sandbox]:
    """The vendors, with an empty ledger."""
    sandbox = Sandbox(local.sandbox_url)
    sandbox.reset()
    yield sandbox
    sandbox.reset()


def told(sandbox: Sandbox, system: str, number: int) -> list[Entry]:
    """What a vendor was told, once that is `number` requests or 20 seconds are over."""
    deadline = time.monotonic() + 20
    while len(found := sandbox.ledger(system)) < number and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def emptied(stack: Stack, url: str) -> bool:
    """Whether a queue is empty, nothing in flight, within 20 seconds."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if not any(int(found[name]) for name in names):
            return True
        time.sleep(0.1)
    return False


def bury(stack: Stack, call: Call) -> None:
    letter = DeadLetter(message=call.dumps(), reason="window over", died_at=time.time(), receives=200)
    stack.client("sqs").send_message(QueueUrl=stack.dead_letters(call.system), MessageBody=letter.dumps())


def test_a_letter_older_than_the_window_is_delivered_once(
    run: Callable[..., Result], stack: Stack, sandbox: Sandbox, make_call: MakeCall
) -> None:
    call = make_call(age=3 * 86400)
    bury(stack, call)
    bury(stack, call)  # what a redrive leaves that was interrupted between its two steps

    assert call.event_id in run("deadletters", "list").output
    run("deadletters", "redrive", "--yes", "--system", "onesignal")

    (entry,) = told(sandbox, "onesignal", 1)
    assert entry.verdict == "taken"
    assert emptied(stack, stack.queue("onesignal"))
    assert emptied(stack, stack.dead_letters("onesignal"))
    assert len(sandbox.ledger("onesignal")) == 1


def test_a_key_opens_after_its_making_and_not_after_its_end(
    run: Callable[..., Result], local: LocalStack, stack: Stack
) -> None:
    def ask(key: str) -> int:
        at = urlsplit(local.url)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
        body = json.dumps({"customEventName": "a", "customUserId": "u"})
        connection.request("POST", PURCHASE, body, {"Authorization": key})
        status = connection.getresponse().status
        connection.close()
        return status

    key = run("keys", "create", "e2e", "--system", "mytracker", "--allow", "123").stdout.strip()
    assert ask("tg_0000000000_nobodys") == 403
    deadline = time.monotonic() + 10
    while ask(key) == 403 and time.monotonic() < deadline:  # an unknown key is looked up every 5 s
        time.sleep(0.5)
    assert ask(key) == 200
    new = run("keys", "rotate", key.split("_")[1]).stdout.strip()
    run("keys", "revoke", new.split("_")[1])

    listed = run("keys", "list").output
    assert (key.split("_")[1] in listed, new.split("_")[1] in listed) == (True, False)
    # The secret is as its other readers need it.
    assert "credentials" in json.loads(
        stack.client("secretsmanager").get_secret_value(SecretId=stack.secret("mytracker"))["SecretString"]
    )
