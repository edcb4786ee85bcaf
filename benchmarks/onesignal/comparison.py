"""What Trackgate and its peers are compared in: OneSignal's `new-session`, and whether a peer does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.frame import peers
from benchmarks.frame.stand_in import ACCEPTED, VENDOR
from benchmarks.frame.upstreams import Upstreams
from tests.runtime.secrets_manager import secret_id
from tools.errors import CommandError
from tools.places import EVENTS
from tools.systems.onesignal.app import APP_ID, CREDENTIAL

EVENT: dict[str, Any] = json.loads((EVENTS / "onesignal" / "new_session.json").read_text())
PEER_EVENT = EVENT | {"resource": "/new-session", "path": "/new-session"}
"""A peer has one endpoint and no systems."""

VARIABLES = {"APP_ID": APP_ID, "SECRET": secret_id("onesignal")}


def prove(task: Path, runtime: Path, upstreams: Upstreams, log: Path) -> None:
    """That a built peer does what it is compared in: it answers the sample event with the vendor's answer,
    sends the vendor what `new-session` sends, with the secret's credential, and sends nothing of a body that
    is wrong. Raises CommandError."""
    with peers.emulator(task, runtime, upstreams.url, VARIABLES, log) as started:
        good = started.invoke(PEER_EVENT)
        sent, received = upstreams.count(VENDOR), upstreams.last(VENDOR)
        bad = started.invoke(PEER_EVENT | {"body": '{"player_id": "nobody"}'})
    player = json.loads(EVENT["body"])["player_id"]
    found = {
        "answers": (good.get("statusCode"), json.loads(good.get("body") or "{}")),
        "sends": (received["path"], json.loads(received["body"])),
        "signs": received["headers"].get("authorization"),
        "refuses": (bad.get("statusCode") in (400, 422), upstreams.count(VENDOR) - sent),
    }
    wanted = {
        "answers": (200, {"message": "session updated", "response": ACCEPTED}),
        "sends": (f"/players/{player}/on_session", {"app_id": APP_ID}),
        "signs": f"Key {CREDENTIAL}",
        "refuses": (True, 0),
    }
    for what, value in wanted.items():
        if found[what] != value:
            raise CommandError(f"a peer {what} {found[what]}, not {value}: see {log}")
