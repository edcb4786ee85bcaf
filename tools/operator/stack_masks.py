"""Hides what a stack's secrets hold: the vendors' credentials, and its client keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.errors import CommandError
from tools.masks import Masks
from tools.operator import secret
from tools.operator.client_keys import entries
from tools.operator.secret import Document
from tools.operator.stack import Stack


def learn(masks: Masks, stack: Stack, further: Iterable[str] = ()) -> bool:
    """Tell `masks` the credentials, and `further` values to hide; whether there are new client keys.

    Raises botocore's errors.
    """
    found = documents(stack).values()
    credentials = [
        value
        for document in found
        for value in secret.credentials(document).values()
        if isinstance(value, str)
    ]
    digests = [str(key.get("sha256", "")) for document in found for key in entries.keys(document)]
    return masks.know([*credentials, *further], digests)


def documents(stack: Stack) -> Mapping[str, Document]:
    """The secret of each system that has one; an empty document where somebody has broken it by hand.

    Raises botocore's errors.
    """
    secrets = stack.client("secretsmanager")
    found: dict[str, Document] = {}
    for system in stack.systems:
        if stack.has_secret(system):
            try:
                found[system] = secret.read(secrets, stack.secret(system))
            except CommandError:
                found[system] = {}
    return found
