"""Judges what the upstreams received: our prefixes, credentials, app id, and nothing of the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.profiles import CLIENT_KEY, VendorRequest, vendors
from tests.proofs.fuzz.values import WRONG_KEY
from tools.sandbox.client import Entry

_ACCOUNT = "[A-Za-z0-9_-]{1,100}"
"""The local client key is good for every account."""
_OURS = {
    *("host", "user-agent", "accept", "accept-encoding", "connection"),
    *("content-type", "content-length", "authorization"),
}


def judge(entry: Entry, variant: str = "") -> Iterator[str]:
    """What is wrong with one request that an upstream got, while systems are in this variant.

    Each text begins with the upstream's name.
    """
    system = entry.system
    if entry.verdict == "malformed":
        yield f"{system}: malformed"
    vendor = vendors(variant).get(system)
    if vendor is None or not re.fullmatch(vendor.paths.replace("{account}", _ACCOUNT), entry.path):
        yield f"{system}: another path than ours"
        return
    if entry.method != vendor.method(entry.path):
        yield f"{system}: another method than ours"
    if not entry.target.startswith(f"/{system}/"):
        yield f"{system}: another prefix than ours"
    headers = {name.lower(): value for name, value in entry.headers}
    if further := headers.keys() - _OURS - vendor.headers:
        yield f"{system}: headers {sorted(further)}"
    ours = (vendor.authorization(entry.path) or "").format(f"local-{system}-credential")
    if (entry.header("authorization") or "") != ours:
        yield f"{system}: another credential than ours"
    text = entry.target + str(entry.headers) + (entry.content.decode("utf-8", "replace"))
    if CLIENT_KEY in text or (WRONG_KEY in entry.target + str(entry.headers)):
        yield f"{system}: a client key went on"
    sent = VendorRequest(
        endpoint="",
        path=entry.path,
        query=entry.query,
        body=entry.content,
        account=None,
        headers={name: value for name, value in headers.items() if name in vendor.headers},
    )
    yield from (f"{system}: {problem}" for problem in vendor.problems(sent))
