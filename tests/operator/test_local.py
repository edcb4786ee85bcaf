"""The commands on the deployed local stack: letters that are delivered after all, keys that open and shut."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from gateway.core.task import DeliveryTask
from gateway.delivery.dead_letters import DeadLetter
from tests.changed_settings import changed_settings, for_systems
from tests.onesignal.models import MODELS, Model, Sent, events
from tests.until import until
from tools.local.stack import LocalStack
from tools.operator import event_sources
from tools.operator.app import app
from tools.operator.stack import Stack
from tools.sandbox.client import Entry, Sandbox

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

MakeTask = Callable[..., DeliveryTask]
EVENT = "/v1/customEvent/?idApp=123"
PING: dict[str, Any] = {"state": "ping", "active_time": 60}


@pytest.fixture
def run(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A command line with --local."""
    monkeypatch.setenv("AWS_PORT", str(urlsplit(local.aws.url).port))

    def run(*arguments: str, code: int = 0, text: str | None = None) -> Result:
        done = CliRunner().invoke(app, [*arguments, "--local"], input=text)
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


def ask(local: LocalStack, target: str, body: object, **headers: str) -> int:
    """The status of a POST to the API."""
    at = urlsplit(local.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    connection.request("POST", target, json.dumps(body), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def secret_of(stack: Stack, system: str) -> dict[str, Any]:
    found = stack.client("secretsmanager").get_secret_value(SecretId=stack.secret(system))
    document: dict[str, Any] = json.loads(found["SecretString"])
    return document


def received(sandbox: Sandbox, system: str, number: int) -> list[Entry]:
    """What a vendor received, once that is `number` requests."""
    return until(lambda: found if len(found := sandbox.ledger(system)) >= number else None)


def emptied(stack: Stack, url: str) -> bool:
    """Wait until a queue is empty, nothing in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_empty() -> bool:
        found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return not any(int(found[name]) for name in names)

    return until(is_empty)


def dead_letter(stack: Stack, task: DeliveryTask) -> None:
    letter = DeadLetter(message=task.dumps(), reason="window over", died_at=time.time(), receives=200)
    stack.client("sqs").send_message(QueueUrl=stack.dead_letters(task.system), MessageBody=letter.dumps())


def test_a_letter_older_than_the_window_is_delivered_once(
    run: Callable[..., Result], stack: Stack, sandbox: Sandbox, make_task: MakeTask
) -> None:
    task = make_task(age=3 * 86400)
    dead_letter(stack, task)
    dead_letter(stack, task)  # what a redrive leaves that was interrupted between its two steps

    assert task.event_id in run("deadletters", "list").output
    run("deadletters", "redrive", "--yes", "--system", "onesignal")

    (entry,) = received(sandbox, "onesignal", 1)
    assert entry.verdict == "taken"
    assert emptied(stack, stack.queue("onesignal"))
    assert emptied(stack, stack.dead_letters("onesignal"))
    assert len(sandbox.ledger("onesignal")) == 1


def test_a_key_opens_after_its_making_and_not_after_its_end(
    run: Callable[..., Result], local: LocalStack, stack: Stack
) -> None:
    def tried(key: str) -> int:
        return ask(local, EVENT, {"customEventName": "a", "customUserId": "u"}, Authorization=key)

    assert tried("tg_0000000000_nobodys") == 403
    key = run("keys", "create", "e2e", "--system", "mytracker", "--allow", "123").stdout.strip()
    assert tried(key) == 200
    new = run("keys", "rotate", key.split("_")[1]).stdout.strip()
    run("keys", "revoke", new.split("_")[1])

    listed = run("keys", "list").output
    assert (key.split("_")[1] in listed, new.split("_")[1] in listed) == (True, False)
    assert secret_of(stack, "mytracker")["credentials"]


def test_a_key_is_rotated_under_load_and_no_request_is_refused(
    run: Callable[..., Result], local: LocalStack
) -> None:
    """Four phones that learn of the new key when the command has ended, and a stranger who tries keys."""

    def tried(key: str) -> int:
        return ask(local, EVENT, {"customEventName": "a", "customUserId": "u"}, Authorization=key)

    old = run("keys", "create", "load", "--system", "mytracker", "--allow", "123").stdout.strip()
    keys, answers, stop = [old], Counter[tuple[str, int]](), threading.Event()

    def phone() -> None:
        while not stop.is_set():
            key = keys[-1]
            answers[key, tried(key)] += 1

    def stranger() -> None:
        while not stop.wait(0.1):
            answers["unknown", tried("tg_0000000000_nobodys")] += 1

    with ThreadPoolExecutor(5) as pool:
        # A busy machine takes longer than the grace to start so many of the function.
        assert set(pool.map(tried, [old] * 5)) == {200}
        running = [pool.submit(each) for each in (phone, phone, phone, phone, stranger)]
        try:
            time.sleep(1)  # on purpose: some load before the rotation
            rotated_at = time.monotonic()
            new = run("keys", "rotate", old.split("_")[1], "--grace", "10s").stdout.strip()
            keys.append(new)
            # On purpose: past the grace.
            time.sleep(max(0.0, rotated_at + 12 - time.monotonic()))
        finally:
            stop.set()
    for each in running:
        each.result()

    named = {old: "the old key", new: "the new key", "unknown": "no key of ours"}
    seen = {(named[key], status): count for (key, status), count in answers.items()}
    print(seen)  # noqa: T201 - for -s
    assert set(seen) == {("the old key", 200), ("the new key", 200), ("no key of ours", 403)}
    assert (tried(old), tried(new)) == (403, 200)
    for key in keys:
        run("keys", "revoke", key.split("_")[1])


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_is_queued_of_a_person_who_asked_to_be_forgotten_is_not_delivered(
    run: Callable[..., Result], local: LocalStack, stack: Stack, sandbox: Sandbox, model: Model
) -> None:
    ada, bob = "aaaaaaaa-3289-4651-ad15-3b995718badd", "bbbbbbbb-3289-4651-ad15-3b995718badd"
    with changed_settings(local, for_systems({"onesignal": model.settings})):
        sandbox.fault("status", system="onesignal", status=503)
        for player in (ada, bob):
            assert ask(local, "/onesignal/increment-session-length", {"player_id": player, **PING}) == 202

        said = run("forget", "--system", "onesignal", "--user", ada.upper(), "--yes").output
        sandbox.clear_faults()
        sandbox.clear_ledger()

        assert "tombstone" in said
        assert received(sandbox, "onesignal", 1)
        assert emptied(stack, stack.queue("onesignal"))
    delivered = events(entry for entry in sandbox.ledger("onesignal") if entry.verdict)
    assert [Sent.of(entry) for entry in delivered] == [model.length(bob, PING["active_time"])]


def test_a_persons_rows_are_removed(run: Callable[..., Result], local: LocalStack) -> None:
    def count(session: str) -> int:
        with closing(sqlite3.connect(local.event_store.removeprefix("sqlite:///"))) as database:
            query = "SELECT count(*) FROM SessionEvent WHERE SessionID = ?"
            (number,) = database.execute(query, [session]).fetchone()
        return int(number)

    event = {"Region": "BR", "RemoteIP": "::1", "SessionType": "start"}
    for session in ("of ada", "of bob"):
        assert ask(local, "/v1/track/session/", event | {"SessionID": session}) == 201

    run("forget", "--system", "track", "--user", "of ada", "--yes")

    assert (count("of ada"), count("of bob")) == (0, 1)


def test_every_system_has_a_status(run: Callable[..., Result], stack: Stack, make_task: MakeTask) -> None:
    dead_letter(stack, make_task())

    found = {row["system"]: row for row in map(json.loads, run("status", "--json").stdout.splitlines())}
    run("deadletters", "drop", "--yes", "--system", "onesignal")

    assert found.keys() == set(stack.systems)
    assert {(row["hold"], row["event_source"]) for row in found.values()} == {("none", "Enabled")}
    assert found["onesignal"]["dead_letters"] == 1
    assert "deadletters list --system onesignal --local" in found["onesignal"]["hurts"][0]


def test_the_sandbox_accepts_the_local_credentials(run: Callable[..., Result], stack: Stack) -> None:
    said = run("secrets", "check", "--system", "onesignal").output
    assert "accepted" in said
    assert "accepted" in run("secrets", "check", "--system", "trax", "--account", "project").output
    assert "accepted" in run("secrets", "check", "--system", "mytracker", "--account", "123").output
    before = secret_of(stack, "mytracker")

    run("secrets", "set", "--system", "mytracker", "--account", "777", text="mytracker-credential-777\n")

    assert "refused" in run("secrets", "check", "--system", "mytracker", "--account", "777", code=1).output
    assert secret_of(stack, "mytracker")["credentials"] == before["credentials"] | {
        "777": "mytracker-credential-777"
    }
    assert secret_of(stack, "mytracker")["client_keys"] == before["client_keys"]


def left_in_the_queue(local: LocalStack) -> int:
    """How often a worker has left a message in its queue because of a hold."""
    return local.places.function_lines.read_text().count('"fate":"held"')


def test_two_systems_on_hold_send_nothing_until_they_are_resumed(
    run: Callable[..., Result], local: LocalStack, stack: Stack, sandbox: Sandbox
) -> None:
    key = {"Authorization": "local-client-key"}
    session = {"player_id": "fe3bcc9f-3289-4651-ad15-3b995718badd"}
    event = {"customUserId": "7", "customEventName": "e"}
    systems = ("--system", "onesignal", "--system", "mytracker")

    run("hold", *systems, "--for", "1h", "--yes")
    statuses = [
        ask(local, "/onesignal/new-session", session),
        ask(local, EVENT, event, **key),
        ask(local, "/v1/userInfo?idApp=123", {}, **key),
        ask(local, "/v1/version", {}),
    ]
    # Somebody enables a worker by hand: it gets its messages again and again, and leaves them.
    event_sources.switch(stack, "onesignal", on=True)
    assert until(lambda: left_in_the_queue(local) >= 2)
    held = [entry.path for system in ("onesignal", "mytracker") for entry in sandbox.ledger(system)]
    result = run("resume", *systems)

    assert statuses == [202, 200, 500, 200]
    assert held == ["/v1/version"]
    assert "Enabled" in result.output
    assert [entry.path for entry in received(sandbox, "onesignal", 1)] == [
        f"/players/{session['player_id']}/on_session"
    ]
    assert [entry.path for entry in received(sandbox, "mytracker", 2)][1:] == ["/v1/customEvent/"]
    assert emptied(stack, stack.queue("onesignal"))
    assert emptied(stack, stack.queue("mytracker"))


def test_the_backlog_is_read_where_there_are_no_metrics(run: Callable[..., Result], stack: Stack) -> None:
    done = run("backlog", "--json", "--seconds", "1")

    found = {row["system"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(found) == stack.systems
    for row in found.values():
        assert row["possible_rate"] > 0
        assert row["oldest"] is None


def test_a_trace_tells_the_whole_life_of_an_event(
    run: Callable[..., Result], local: LocalStack, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE", str(local.places.state))
    sandbox.fault("status", system="onesignal", status=503, next=2)
    at = urlsplit(local.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    purchase = {"sku": "gems", "amount": 1.99, "iso": "USD"}
    body = {"player_id": "fe3bcc9f-3289-4651-ad15-3b995718badd", "purchaseData": {"purchases": [purchase]}}
    connection.request("POST", "/onesignal/new-purchase", json.dumps(body))
    event_id = connection.getresponse().headers["Gateway-Event-Id"]
    connection.close()
    received(sandbox, "onesignal", 3)

    def told() -> Any:
        found = CliRunner().invoke(app, ["trace", event_id, "--json", "--local"])
        return json.loads(found.stdout) if found.exit_code == 0 else None

    life = until(told)

    tries = [step for step in life["steps"] if step["kind"] == "try"]
    assert (life["outcome"], life["advice"]) == ("redelivered", "Nothing to do.")
    assert [step["status"] for step in tries] == [503, 503, 200]
    assert [json.loads(step["sent"]["body"])["purchases"] for step in tries] == [[purchase]] * 3
    kinds = [step["kind"] for step in life["steps"] if step["kind"] != "record"]
    assert kinds == [
        *("received", "checked", "try", "queued"),
        *("redelivery", "try", "wait", "redelivery", "try", "end"),
    ]
    assert [json.loads(step["sent"]["answer"]).get("success") for step in tries] == [None, None, True]
    assert life["record"]["state"] == "done"
    assert "local-onesignal-credential" not in json.dumps(life)
    assert event_id in run("tail", "--no-follow", "--since", "10m", "--outcome", "redelivered").stdout
