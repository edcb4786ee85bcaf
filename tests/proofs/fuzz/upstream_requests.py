"""Judges what the upstreams received: our prefixes, credentials, app id, and nothing of the caller's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.proofs.fuzz.samples import KEY
from tests.proofs.fuzz.values import WRONG_KEY
from tools.sandbox.client import Entry

_UUID = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_PATHS = {
    "onesignal": re.compile(rf"/players/{_UUID}/on_(session|purchase|focus)|/notifications/{_UUID}"),
    "trax": re.compile(r"/api/[vV][0-9]+/[A-Za-z0-9_-]{1,100}/sessions/[A-Za-z0-9_-]{1,100}"),
    "pushexpress": re.compile(
        r"/api/r/v2/apps/[A-Za-z0-9_-]{1,64}/instances"
        r"(/[A-Za-z0-9_-]{1,64}/(info|events/notification|events/lifecycle|deactivate))?"
    ),
    "mytracker": re.compile(r"/v1/[A-Za-z0-9-]{1,64}/?"),
}
_CREDENTIALS = {
    "trax": "Auth-Token local-trax-credential",
    "mytracker": "local-mytracker-credential",
    "onesignal": "Key local-onesignal-credential",
}
_OURS = {
    *("host", "user-agent", "accept", "accept-encoding", "connection"),
    *("content-type", "content-length", "authorization"),
}


def judge(entry: Entry) -> Iterator[str]:
    """What is wrong with one request that an upstream got; each text begins with the upstream's name."""
    system = entry.system
    if entry.verdict == "malformed":
        yield f"{system}: malformed"
    pattern = _PATHS.get(system)
    if pattern is None or not pattern.fullmatch(entry.path):
        yield f"{system}: another path than ours"
        return
    if not entry.target.startswith(f"/{system}/"):
        yield f"{system}: another prefix than ours"
    if further := {name.lower() for name, _ in entry.headers} - _OURS:
        yield f"{system}: headers {sorted(further)}"
    if (entry.header("authorization") or "") != _credential(entry):
        yield f"{system}: another credential than ours"
    text = entry.target + str(entry.headers) + (entry.content.decode("utf-8", "replace"))
    if KEY in text or (WRONG_KEY in entry.target + str(entry.headers)):
        yield f"{system}: a client key went on"
    if system == "onesignal" and json.loads(entry.content).get("app_id") != "local-onesignal-app":
        yield f"{system}: another app id than ours"


def _credential(entry: Entry) -> str:
    if entry.path.startswith("/players/") or entry.path == "/v1/version":
        return ""
    return _CREDENTIALS.get(entry.system, "")
