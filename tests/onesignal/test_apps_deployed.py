"""Two OneSignal apps in one deployed stack, of different models: set up by commands, asked by clients."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from gateway.core.message import HttpRequest
from gateway.core.task import ACCOUNT_BY_KEY, DeliveryTask, new_event_id
from gateway.delivery.dead_letters import DeadLetter
from tests.changed_settings import changed_settings, for_systems
from tests.fixtures.api import Api
from tests.until import until
from tools.local.stack import LocalStack
from tools.operator import secret
from tools.operator.app import app
from tools.operator.client_keys import commands
from tools.operator.stack import Stack
from tools.sandbox.client import Entry

IOS = "5eb5a37e-b458-11e3-ac11-000c2940e62c"
ANDROID = "92911750-242d-4260-9e00-9d9034f139ce"
OWN = "local-onesignal-app"
MODELS = {IOS: "users", ANDROID: "players"}
PLAYERS = {
    name: f"{number}e3bcc9f-3289-4651-ad15-3b995718badd" for number, name in enumerate((OWN, IOS, ANDROID))
}
"""A player belongs to one app: OneSignal refuses whatever names it to another."""

NOTIFICATION = "f84e3ac6-399e-43b7-90fa-ea0fff0668bf"
OPENED = {"id": NOTIFICATION, "opened": True}


@pytest.fixture(scope="module")
def run(local: LocalStack) -> Iterator[Callable[..., Result]]:
    """A command line with --local, on a stack whose parameter says that client keys are required."""

    def run(*arguments: str, code: int = 0, text: str | None = None) -> Result:
        done = CliRunner().invoke(app, [*arguments, "--local"], input=text)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    def parameter(stack: Stack, system: str, name: str) -> str:
        return "required" if (system, name) == ("onesignal", "ClientKeys") else real(stack, system, name)

    real = Stack.parameter
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_PORT", str(urlsplit(local.aws.url).port))
        patch.setattr(Stack, "parameter", parameter)
        patch.setattr(commands, "AFTER_UNKNOWN_KEY_SECONDS", 0)  # the functions start anew below
        yield run


@pytest.fixture(scope="module")
def keys(local: LocalStack, run: Callable[..., Result]) -> Iterator[dict[str, str]]:
    """The apps' client keys; each app has its credential and its model, and no event comes without a key."""
    stack = Stack.open("trackgate", local=True)
    before = secret.read(stack.client("secretsmanager"), stack.secret("onesignal"))
    made = {OWN: "local-client-key"}
    for name, model in MODELS.items():
        credential = f"local-onesignal-credential-{name}"
        setting = ("--setting", f"model={model}")
        run("secrets", "set", "--system", "onesignal", "--account", name, *setting, text=credential)
        made[name] = run("keys", "create", model, "--system", "onesignal", "--allow", name).stdout.strip()
    with changed_settings(local, for_systems({"onesignal": {"CLIENT_KEYS": "required"}})):
        yield made
    secret.edit(stack.client("secretsmanager"), stack.secret("onesignal"), lambda document: before)


def effects(api: Api, number: int) -> list[Entry]:
    """What OneSignal took, look-ups aside, once that is `number` requests; and it took nothing else."""

    def found() -> list[Entry]:
        return [each for each in api.upstream_requests("onesignal") if each.method != "GET" and each.verdict]

    until(lambda: len(found()) >= number)
    entries = api.upstream_requests("onesignal")
    assert {entry.verdict for entry in entries} <= {"taken", None}
    for entry in entries:
        named = {name for name in (OWN, IOS, ANDROID) if name.encode() in entry.path.encode() + entry.content}
        assert named == {entry.account}
        own = "local-onesignal-credential" + (f"-{entry.account}" if entry.account != OWN else "")
        assert entry.header("Authorization") in {None, f"Key {own}"}
    return found()


def ping(name: str) -> dict[str, Any]:
    """An app's player stays."""
    return {"player_id": PLAYERS[name], "state": "ping", "active_time": 60}


def ask(api: Api, endpoint: str, body: Any, key: str, **headers: str) -> tuple[int, bool]:
    """The status of a call by the client with this key, and whether it is a replay."""
    body = body | {"app_id": ANDROID}
    response = api.ask("POST", f"/onesignal/{endpoint}", body, {"X-Api-Key": key, **headers})
    return response.status, "idempotency-replayed" in response.headers


def test_each_apps_events_reach_it_by_its_own_model(api: Api, keys: dict[str, str]) -> None:
    for name in (IOS, ANDROID, OWN):
        assert ask(api, "increment-session-length", ping(name), keys[name]) == (200, False)
        assert ask(api, "track-open", OPENED, keys[name]) == (200, False)
    assert ask(api, "track-open", OPENED, "tg_0000000000_nobodys") == (403, False)

    opened = f"/notifications/{NOTIFICATION}"
    arrived = [(entry.account, entry.path) for entry in effects(api, 6)]
    (user,) = [path for name, path in arrived if path.startswith(f"/apps/{IOS}/users/by/onesignal_id/")]
    assert arrived == [
        *((IOS, path) for path in (user, opened)),
        *((ANDROID, path) for path in (f"/players/{PLAYERS[ANDROID]}/on_focus", opened)),
        *((OWN, path) for path in (f"/players/{PLAYERS[OWN]}/on_focus", opened)),
    ]


def test_an_idempotency_key_belongs_to_its_client(api: Api, keys: dict[str, str]) -> None:
    order = {"Idempotency-Key": new_event_id()}

    for replayed in (False, True):
        for name in (IOS, ANDROID):
            assert ask(api, "increment-session-length", ping(name), keys[name], **order) == (200, replayed)

    assert [entry.account for entry in effects(api, 2)] == [IOS, ANDROID]


def test_what_is_queued_reaches_its_own_app(api: Api, keys: dict[str, str]) -> None:
    api.sandbox.fault("status", system="onesignal", status=503)
    for name in (IOS, ANDROID):
        assert ask(api, "track-open", OPENED, keys[name]) == (202, False)
    api.sandbox.clear_faults()

    assert {entry.account for entry in effects(api, 2)} == {IOS, ANDROID}


def test_a_dead_letter_is_redriven_to_its_own_app(
    api: Api, keys: dict[str, str], run: Callable[..., Result]
) -> None:
    stack = Stack.open("trackgate", local=True)
    event = new_event_id()
    request = HttpRequest(
        method="PUT",
        path=f"/notifications/{NOTIFICATION}",
        headers={"Content-Type": "application/json"},
        body={"opened": True},
        account=IOS,
    )
    task = DeliveryTask(
        system="onesignal",
        endpoint="track_open",
        event_id=event,
        received_at=time.time() - 2 * 86_400,
        payload=request,
        scope=(IOS,),
        key=event,
        fingerprint=event,
        version=ACCOUNT_BY_KEY,
    )
    letter = DeadLetter(message=task.dumps(), reason="window over", died_at=time.time(), receives=200)
    stack.client("sqs").send_message(QueueUrl=stack.dead_letters("onesignal"), MessageBody=letter.dumps())

    (line,) = run("deadletters", "list", "--system", "onesignal", "--json").stdout.splitlines()
    assert json.loads(line)["account"] == IOS
    run("deadletters", "redrive", "--yes", event)

    (entry,) = effects(api, 1)
    assert (entry.account, entry.header("Authorization")) == (IOS, f"Key local-onesignal-credential-{IOS}")


def test_onesignal_accepts_each_apps_credential(run: Callable[..., Result], keys: dict[str, str]) -> None:
    said = run("secrets", "check", "--system", "onesignal", "--json").stdout

    assert {each["account"]: each["verdict"] for each in map(json.loads, said.splitlines())} == {
        "*": "accepted",
        IOS: "accepted",
        ANDROID: "accepted",
    }
