"""Settings of one account, beside its credential in the secret: `--setting model=users`."""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import CommandError
from tools.operator.accounts import EVERY
from tools.operator.secret import Document
from tools.operator.systems import known


def parsed(system: str, account: str, texts: Sequence[str]) -> dict[str, str]:
    """The settings in `name=value` texts, by name; an empty value is for a setting that is to be removed.

    Raises CommandError for what the system's accounts do not have.
    """
    kind = known(system).account
    if not texts:
        return {}
    if kind is None or not kind.settings:
        raise CommandError(f"{system} has no settings per account")
    if account == EVERY:
        raise CommandError(
            f"--setting is for one {kind.name}: name it with --account. For the stack's own, parameters of "
            "the stack set the same"
        )
    found: dict[str, str] = {}
    for text in texts:
        name, given, value = text.partition("=")
        if not given:
            raise CommandError(f"--setting {text} must be NAME=VALUE")
        values = kind.settings.get(name)
        if values is None:
            raise CommandError(f"{name!r} is not a setting of {system}, which has {', '.join(kind.settings)}")
        if value and value not in values:
            raise CommandError(f"{name} must be {' or '.join(values)}, or empty for the stack's own")
        found[name] = value
    return found


def stored(document: Document, account: str, settings: dict[str, str]) -> Document:
    """The document in which an account has these settings besides its others.

    Raises CommandError for `accounts` that somebody has broken by hand.
    """
    if not settings:
        return document
    accounts = document.get("accounts") or {}
    if not isinstance(accounts, dict):
        raise CommandError("The secret's `accounts` is not an object: fix it by hand")
    entry = accounts.get(account)
    merged = {**(entry if isinstance(entry, dict) else {}), **settings}
    return document | {
        "accounts": {**accounts, account: {name: value for name, value in merged.items() if value}}
    }
