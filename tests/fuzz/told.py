"""Judges what the upstreams were told: our prefixes, credentials, app id, and nothing of the caller's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.fuzz.samples import KEY
from tests.fuzz.values import WRONG_KEY
from tools.sandbox.client import Entry
from tools.sandbox.reading import parse
from tools.sandbox.vendors import mytracker_fields

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


_FIELDS_OF = {
    "customEvent": {"customEventName", "customEventParams"},
    "customRevenue": {"idTransaction", "currency", "total"},
}
_UNDESCRIBED = re.compile(r"/v1/(test-app-access|(appStore|googlePlay|userInfo|order)[A-Za-z0-9]*)")
"""MyTracker's calls of which no document describes a body: theirs go on as they came, whatever they are."""


def judge(entry: Entry) -> Iterator[str]:
    """What is wrong with one request that an upstream got; each text begins with the upstream's name."""
    system = entry.system
    if entry.verdict == "malformed" and not is_undescribed(entry) and not _only_by_foreign_fields(entry):
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
    said = entry.target + str(entry.headers) + (entry.content.decode("utf-8", "replace"))
    if KEY in said or (WRONG_KEY in entry.target + str(entry.headers)):
        yield f"{system}: a client key went on"
    if system == "onesignal" and json.loads(entry.content).get("app_id") != "local-onesignal-app":
        yield f"{system}: another app id than ours"


def is_undescribed(entry: Entry) -> bool:
    """Whether no contract says what this request's body has to be."""
    return entry.system == "mytracker" and _UNDESCRIBED.fullmatch(entry.path) is not None


def _only_by_foreign_fields(entry: Entry) -> bool:
    """Whether a MyTracker event is good but for fields that the document knows for another event alone. They
    pass as unknown fields do; the sandbox looks at them wherever they stand."""
    event = re.fullmatch(r"/v1/(registration|login|customEvent|customRevenue)(Batch)?/", entry.path)
    if entry.system != "mytracker" or event is None:
        return False
    foreign = {name for other, names in _FIELDS_OF.items() if other != event[1] for name in names}
    try:
        found = parse(entry.content)
    except ValueError:
        return False
    elements = found if isinstance(found, list) else [found]
    if not all(isinstance(element, dict) for element in elements) or (event[2] is None) == isinstance(
        found, list
    ):
        return False
    left = [{name: value for name, value in one.items() if name not in foreign} for one in elements]
    return 1 <= len(left) <= 20 and not any(mytracker_fields.problem(event[1], one) for one in left)


def _credential(entry: Entry) -> str:
    if entry.path.startswith("/players/") or entry.path == "/v1/version":
        return ""
    return _CREDENTIALS.get(entry.system, "")
