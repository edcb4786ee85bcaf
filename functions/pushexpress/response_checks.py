"""What push.express's successes must hold, and the one repair that they may need: an id is a string."""

import json
import re
from dataclasses import replace
from decimal import Decimal

from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.outbound.http_upstream import json_object

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+')


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def has_id(reply: Reply) -> None:
    """Raises Transient for a success without an instance's id."""
    found = json_object(reply).get("id")
    if found == "" or not (isinstance(found, str) or _is_number(found)):
        raise Transient("garbage", may_have_arrived=True)


def has_id_and_interval(reply: Reply) -> None:
    """Raises Transient for a success without the id, or without the seconds until the next update."""
    has_id(reply)
    if not _is_number(json_object(reply).get("update_interval_sec")):
        raise Transient("garbage", may_have_arrived=True)


def repaired(reply: Reply) -> Reply:
    """The reply with its `id` as a string, since an SDK's cast fails on a number. No other byte changes."""
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
