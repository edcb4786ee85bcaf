"""A client that a generator makes of the document talks with the deployed API, in its own types."""

import datetime
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tools.local.stack import LocalStack
from tools.openapi.__main__ import DOCUMENT

GENERATOR = Path(sys.executable).with_name("openapi-python-client")


CONFIG = """\
post_hooks: []
content_type_overrides:
  # The generator knows no NDJSON: to it that form of a batch is bytes.
  application/x-ndjson: application/octet-stream
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The generated package `made`; the generator has nothing to warn of."""
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yml"
    config.write_text(CONFIG)
    command: list[str | Path] = [
        GENERATOR,
        "generate",
        "--path",
        DOCUMENT,
        "--meta",
        "none",
        "--fail-on-warning",
    ]
    subprocess.run(
        [*command, "--config", config, "--output-path", folder / "made"],
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "made"]:
        del sys.modules[name]


class Made:
    """The generated client, by its parts' names."""

    def __init__(self, url: str) -> None:
        self.models: ModuleType = importlib.import_module("made.models")
        self._client = importlib.import_module("made.client")
        self._url = url

    def call(self, name: str, *path: str, key: str = "", prefix: str = "", **given: Any) -> Any:
        """Call an operation: `one_signal.onesignal_new_session`."""
        module = importlib.import_module(f"made.api.{name}")
        client = (
            self._client.AuthenticatedClient(self._url, token=key, prefix=prefix)
            if key
            else self._client.Client(self._url)
        )
        with client as open_client:
            return module.sync_detailed(*path, client=open_client, **given)


@pytest.fixture
def made(generated: Path, local: LocalStack) -> Made:
    """The client of the local run."""
    del generated
    return Made(local.url)


def test_onesignal(made: Made) -> None:
    models = made.models
    player = "fe3bcc9f-3289-4651-ad15-3b995718badd"

    json = made.call("one_signal.onesignal_new_session", body=models.OneSignalNewSession(player_id=player))
    form = made.call(
        "one_signal.onesignal_new_purchase_v3",
        "my-instance",
        body=models.OnesignalNewPurchaseV3DataBody(
            player_id=player, purchase_data='{"purchases": [{"sku": "a", "iso": "USD", "amount": 0.99}]}'
        ),
    )
    wrong = made.call("one_signal.onesignal_new_session", body=models.OneSignalNewSession(player_id="nobody"))

    assert isinstance(json.parsed, models.OneSignalAnswer)
    assert (json.status_code, json.parsed.message) == (200, "session updated")
    assert json.parsed.response.additional_properties == {"success": True}
    assert (form.status_code, form.parsed.message) == (200, "new purchase added")
    assert isinstance(wrong.parsed, models.OneSignalError)
    assert wrong.parsed.message == "validation failed: player_id must be a UUID"


def test_trax(made: Made) -> None:
    models = made.models
    session = models.TraxSession(
        store_number="7",
        visit_date=datetime.date(2017, 6, 2),
        session_start_time=1496587649,
        scenes=[models.TraxScene(scene_uid="a")],
    )
    path = ("v4", "my-project", "from-a-generated-client")

    taken = made.call("trax.trax_session", *path, key="local-client-key", prefix="Auth-Token", body=session)
    refused = made.call("trax.trax_session", *path, key="wrong", prefix="Auth-Token", body=session)

    assert (taken.status_code, taken.content) == (200, b"")
    assert isinstance(refused.parsed, models.TraxError)
    assert (refused.status_code, refused.parsed.description) == (401, "Incorrect or expired token")


def test_push_express(made: Made) -> None:
    models = made.models
    body = models.PushExpressInstance(ic_token="212604ab-4b19-4d24-b8ec-3b8bac401a6a")

    instance = made.call("push_express.pushexpress_create_instance", "20523-1212", body=body, origin="droid")
    clicked = made.call(
        "push_express.pushexpress_notification_event",
        "20523-1212",
        instance.parsed.id,
        body=models.PushExpressNotification(msg_id="1", event="clicked"),
    )
    heartbeat = made.call("push_express.pushexpress_lifecycle_event", "20523-1212", instance.parsed.id)

    assert isinstance(instance.parsed, models.PushExpressIdentified)
    assert isinstance(instance.parsed.id, str)
    assert (clicked.status_code, clicked.content, clicked.parsed) == (202, b"", None)
    assert (heartbeat.status_code, heartbeat.headers["Gateway-Delivery"]) == (202, "delivered")


def test_mytracker(made: Made) -> None:
    models = made.models
    revenue = models.MyTrackerCustomRevenue(
        id_transaction="order1234", currency="USD", total=1.99, custom_user_id="1"
    )
    login = models.MyTrackerLogin(custom_user_id=1)

    one = made.call("my_tracker.mytracker_custom_revenue", key="local-client-key", body=revenue, id_app="666")
    batch = made.call(
        "my_tracker.mytracker_login_batch", key="local-client-key", body=[login, login], id_app="666"
    )
    many = made.call(
        "my_tracker.mytracker_login_batch", key="local-client-key", body=[login] * 21, id_app="666"
    )

    assert (one.status_code, one.parsed) == (200, models.MyTrackerTaken(message="OK"))
    assert (batch.status_code, batch.parsed) == (200, models.MyTrackerTaken(message="OK"))
    assert (many.status_code, many.parsed) == (400, models.MyTrackerError(error="Bad Request"))
    assert many.headers["Gateway-Error"]


@pytest.mark.parametrize("kind", ["TrackPurchase", "TrackPurchaseDataBody"])
def test_track(made: Made, kind: str) -> None:
    body = getattr(made.models, kind)(
        profile_id=7,
        region="BR",
        currency="BRL",
        gross_amount="1.99",
        net_amount=1.5,
        payment_provider="card",
        product="gems",
    )

    stored = made.call("track.track_purchase", body=body)
    body.region = "B1"
    refused = made.call("track.track_purchase", body=body)

    assert (stored.status_code, stored.parsed) == (201, "")
    assert stored.headers["Gateway-Delivery"] == "delivered"
    assert (refused.status_code, refused.parsed) == (400, "Invalid Region")
