"""Accounts as an operator names them: a project, an app, or `*` for all of a system's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tools.errors import CommandError
from tools.operator.stack import Stack
from tools.operator.systems import known
from tools.systems.registry import profile

EVERY = "*"
"""All accounts; as a credential's account, those that have none of their own."""


def checked(system: str, account: str) -> str:
    """An account that the system may have. Raises CommandError."""
    if not fits(system, account):
        raise CommandError(f"{account!r} is not an account of {system}, which takes {_takes(system)}")
    return account


def checked_for_key(systems: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """What a client key for these systems may access, without duplicates.

    Raises CommandError if a name fits none of the systems, if the key would allow nothing on one of them, or
    if it would name several accounts of a system whose requests name none.
    """
    takes = "; ".join(f"{system} takes {_takes(system)}" for system in systems)
    for name in allowed:
        if not any(fits(system, name) for system in systems):
            hint = f" To allow several, repeat it: {_repeated(name)}." if "," in name else ""
            raise CommandError(f"--allow {name!r} would allow nothing.{hint} {takes}")
    for system in systems:
        account = known(system).account
        if account is None:
            continue
        if len(account.named_in(allowed)) > 1:
            raise CommandError(
                f"The key tells which {account.name} of {system} its events go to, so it can allow only one: "
                f"create one key per {account.name}"
            )
        if not account.named_by_key and not any(fits(system, name) for name in allowed):
            raise CommandError(f"The key would allow nothing on {system}. {takes}")
    return list(dict.fromkeys(allowed))


def require_client_keys(stack: Stack, system: str, names: Iterable[str]) -> None:
    """Raise CommandError if one of the names is an account that only a client key can name, and the stack
    takes events without one: those of that account's apps would go to the stack's own."""
    account = known(system).account
    if account is None or not (named := account.named_in(names)):
        return
    parameter = f"{profile(system).prefix}ClientKeys"
    if (value := stack.parameter(system, "ClientKeys") or "off") != "required":
        raise CommandError(
            f"{parameter} is {value}: events that come without a key would go to the stack's own "
            f"{account.name}, not to {', '.join(named)}. Give every client a key, deploy with {parameter} = "
            '"required", and run this again'
        )


def fits(system: str, name: str) -> bool:
    """Whether the system may have this account, or it is `*`."""
    account = known(system).account
    return name == EVERY or (account is not None and account.fits(name))


def stored(system: str, document: Mapping[str, Any]) -> list[str]:
    """The accounts for which a secret's document has a credential or settings of their own."""
    account = known(system).account
    parts = [part for name in ("credentials", "accounts") if isinstance(part := document.get(name), dict)]
    return sorted({name for part in parts for name in part if account is not None and account.fits(name)})


def settings(system: str, document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The settings of each of these accounts; none of those that its functions refuse as malformed."""
    account = known(system).account
    found: dict[str, dict[str, str]] = {name: {} for name in stored(system, document)}
    for name in found:
        with suppress(ValueError):
            found[name] = account.settings_in(document, name) if account else {}
    return found


def _takes(system: str) -> str:
    account = known(system).account
    return f"{account.name}s ({account.form}) or *" if account else "* only, as it has no accounts"


def _repeated(name: str) -> str:
    return " ".join(f"--allow {part.strip()}" for part in name.split(",") if part.strip())
