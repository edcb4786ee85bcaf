"""What push.express's successes hold, and the one repair that they may need: an id is a text."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from gateway.core.errors import Transient
from gateway.core.task import Reply
from gateway.outbound.http_upstream import Judge, json_object

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+')


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _identified(reply: Reply) -> None:
    found = json_object(reply).get("id")
    if found == "" or not (isinstance(found, str) or _is_number(found)):
        raise Transient("garbage", may_have_arrived=True)


def _informed(reply: Reply) -> None:
    _identified(reply)
    if not _is_number(json_object(reply).get("update_interval_sec")):
        raise Transient("garbage", may_have_arrived=True)


def _deactivated(reply: Reply) -> None:
    json_object(reply)


def _accepted(reply: Reply) -> None:
    # The document promises no body. A page of HTML is some proxy's.
    if reply.body.strip():
        json_object(reply)


RESPONSE_CHECKS: Mapping[str, Judge] = {
    "create_instance": _identified,
    "update_instance": _informed,
    "notification_event": _accepted,
    "lifecycle_event": _accepted,
    "deactivate_instance": _deactivated,
}
"""By endpoint; each raises Transient for a success that is none."""


def repaired(reply: Reply) -> Reply:
    """A kept promise with its `id` as a text: an SDK's cast fails on a number. No other byte changes."""
    depth, name, before = 0, "", b""
    for found in _TOKEN.finditer(reply.body):
        token = found[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and token == b":":
            name = json.loads(before)
        elif depth == 1 and before == b":" and name == "id" and token[:1] in b"-0123456789":
            start, end = found.span()
            return replace(reply, body=reply.body[:start] + b'"' + token + b'"' + reply.body[end:])
        before = token
    return reply
