"""The Syncano platform's published clients against OneSignal's socket: they pass by their address alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.changed_settings import changed_settings, for_systems
from tests.clients.chromium import Browser
from tests.clients.published import CLIENTS, Published
from tests.clients.secure import Secure
from tests.onesignal.models import MODELS, Model, Sent, events, opened
from tests.until import until
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox

# First of all fixtures: without Node.js no test here may start a local run.
pytestmark = pytest.mark.usefixtures("modules")

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
NOTIFICATION = "f84e3ac6-399e-43b7-90fa-ea0fff0668bf"
PURCHASES = {"purchases": [{"sku": "SKU123", "iso": "USD", "amount": "0.99"}]}
KEY = "local-client-key"

# The document's four examples.
EXAMPLES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("new-session", {"player_id": PLAYER}, "session updated"),
    ("new-purchase", {"player_id": PLAYER, "purchaseData": PURCHASES}, "new purchase added"),
    (
        "increment-session-length",
        {"player_id": PLAYER, "state": "ping", "active_time": 60},
        "increment session success",
    ),
    ("track-open", {"id": NOTIFICATION, "opened": True}, "track open success"),
)
CALLS = [{"endpoint": endpoint, "data": data} for endpoint, data, _ in EXAMPLES]
ANSWERS = [{"value": {"message": message, "response": {"success": True}}} for _, _, message in EXAMPLES]

every_client = pytest.mark.parametrize("client", CLIENTS, ids=str)


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, modules: Path, local: LocalStack) -> Iterator[Model]:
    """Both of OneSignal's models in turn; `modules` may skip the test."""
    del modules
    model = MODELS[request.param]
    with changed_settings(local, for_systems({"onesignal": model.settings})):
        yield model


@pytest.fixture
def sandbox(model: Model, sandbox: Sandbox) -> Sandbox:
    """The vendors under both models."""
    return sandbox


def of_examples(model: Model) -> list[Sent]:
    """What OneSignal is sent for the four examples."""
    return [
        model.session(PLAYER),
        model.purchase(PLAYER, PURCHASES["purchases"]),
        model.length(PLAYER, 60),
        opened(NOTIFICATION),
    ]


def received(sandbox: Sandbox) -> list[Sent]:
    """What OneSignal accepted."""
    entries = events(sandbox.ledger("onesignal"))
    assert {entry.verdict for entry in entries} <= {"taken"}
    return [Sent.of(entry) for entry in entries]


def called(secure: Secure, before: int) -> set[str]:
    """The routes of all calls but those that came `before`."""
    return {resource.rstrip("/") for resource in secure.resources()[before:]}


def error(client: Published, status: int, message: str, response: Any) -> dict[str, Any]:
    """What a client's caller sees of an answer that is an error."""
    return {
        "error": {
            "message": client.words.format(status=status, message=message),
            "status": status,
            "data": {"message": message, "response": response},
        }
    }


@every_client
def test_documented_calls(
    secure: Secure, sandbox: Sandbox, model: Model, client: Published, browser: Browser | None
) -> None:
    before = len(secure.resources())

    outcomes = secure.perform(client, CALLS, KEY, browser)

    assert outcomes == ANSWERS
    assert received(sandbox) == of_examples(model)
    assert KEY not in str(sandbox.ledger("onesignal")), "a client's credential is never forwarded"
    wanted = {client.resource.format(endpoint=endpoint, instance="{instance}") for endpoint, *_ in EXAMPLES}
    # A function's line may come after its answer.
    until(lambda: wanted <= called(secure, before))
    assert called(secure, before) == wanted


@every_client
def test_a_host_with_a_stage_behind_it(
    staged: Secure, sandbox: Sandbox, model: Model, client: Published, browser: Browser | None
) -> None:
    assert staged.perform(client, CALLS[:1], browser=browser) == ANSWERS[:1]
    assert received(sandbox) == of_examples(model)[:1]


@every_client
def test_an_error_reaches_the_caller_in_our_words(
    secure: Secure, sandbox: Sandbox, client: Published, browser: Browser | None
) -> None:
    calls = [{"endpoint": "new-session", "data": {"player_id": "x"}}]

    outcomes = secure.perform(client, calls, browser=browser)

    problem = {"field": "player_id", "problem": "must be a UUID"}
    text = "validation failed: player_id must be a UUID"
    assert outcomes == [error(client, 400, text, {"errors": [problem]})]
    assert received(sandbox) == []


@every_client
def test_an_unknown_endpoint_is_told_so(
    secure: Secure,
    sandbox: Sandbox,
    client: Published,
    browser: Browser | None,
) -> None:
    outcomes = secure.perform(client, [{"endpoint": "nothing", "data": {}}], browser=browser)

    assert outcomes == [error(client, 404, "Not found", {})]
    assert received(sandbox) == []


@every_client
def test_what_is_queued_is_a_success(
    secure: Secure, sandbox: Sandbox, model: Model, client: Published, browser: Browser | None
) -> None:
    sandbox.fault(system="onesignal", next=1, fault="status", status=500)

    outcomes = secure.perform(client, [CALLS[2]], browser=browser)

    said = {"message": "increment session success", "response": {"success": True, "queued": True}}
    assert outcomes == [{"value": said}]
    failed, delivered = sandbox.wait_for(2, "onesignal")
    assert (failed.verdict, delivered.verdict) == (None, "taken")
    assert Sent.of(delivered) == model.length(PLAYER, 60)


@pytest.mark.parametrize(
    "client",
    [client for client in CLIENTS if client.family == "client" and "0.15" not in client.package],
    ids=str,
)
def test_a_form_of_many_parts(
    secure: Secure, sandbox: Sandbox, model: Model, client: Published, browser: Browser | None
) -> None:
    bought = {"purchases": [{"sku": "größe \N{PILE OF POO}", "iso": "USD", "amount": "0.99"}]}
    form = {"player_id": PLAYER, "purchaseData": json.dumps(bought)}

    outcomes = secure.perform(client, [{"endpoint": "new-purchase", "form": form}], KEY, browser)

    assert outcomes == ANSWERS[1:2]
    assert received(sandbox) == [model.purchase(PLAYER, bought["purchases"])]
    assert KEY not in str(sandbox.ledger("onesignal"))


@pytest.fixture(scope="module")
def keys_required(model: Model, local: LocalStack) -> Iterator[None]:
    """`OneSignalClientKeys=required`, for one function under either model."""
    del model
    with changed_settings(local, {"OneSignalTrackOpen": {"CLIENT_KEYS": "required"}}):
        yield


@every_client
@pytest.mark.usefixtures("keys_required")
def test_a_key_is_found_where_the_client_puts_it(
    secure: Secure, sandbox: Sandbox, client: Published, browser: Browser | None
) -> None:
    outcomes = [secure.perform(client, CALLS[3:], key, browser) for key in (KEY, "another", None)]

    refused = [error(client, 403, "Forbidden", {})]
    assert outcomes == [ANSWERS[3:], refused, refused]
    assert received(sandbox) == [opened(NOTIFICATION)]
    assert KEY not in str(sandbox.ledger("onesignal"))
