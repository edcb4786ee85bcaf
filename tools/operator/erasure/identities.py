"""A person's ids at the vendor, which some systems cache beside their idempotency records."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from tools.operator import accounts, secret
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Subject
from tools.operator.stack import Stack
from tools.systems.registry import profile

IDENTITIES = "identities"


def erase_identities(stack: Stack, system: str, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
    """Delete them. A function may use its own copy for minutes, but only a later event of the person makes it
    write another."""
    dynamodb = stack.client("dynamodb")
    for key in _keys(stack, system, subject):
        item = {"TableName": stack.records(system), "Key": {"key": {"S": key}}}
        if dry_run:
            found = dynamodb.get_item(**item, ConsistentRead=True).get("Item")
        else:
            found = dynamodb.delete_item(**item, ReturnValues="ALL_OLD").get("Attributes")
        removal.count(IDENTITIES, int(bool(found)))


def _keys(stack: Stack, system: str, subject: Subject) -> Iterable[str]:
    keys_of = profile(system).identity_keys
    if keys_of is None:
        return ()
    document = secret.read(stack.client("secretsmanager"), stack.secret(system))
    names = accounts.stored(system, document)
    parameter = partial(stack.parameter, system)
    return dict.fromkeys(key for id in subject.ids for key in keys_of(parameter, names, id))
