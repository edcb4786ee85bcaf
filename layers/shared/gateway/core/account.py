"""An account at a vendor: what a client key may be limited to, and what a credential is stored for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from gateway.core.data import dataclass
from gateway.core.identifiers import same_id


@dataclass(frozen=True)
class Account:
    """The accounts that a system's vendor has: projects, apps.

    `grammar` is a regular expression for the whole name; `form` describes the same in words. `named_by_key`:
    requests name no account, so the one that a client key allows is where its events go. `own_credential`:
    the credential for all accounts (`*`) never signs for a named one. `settings` are what an account may have
    beside its credential, with the values that each may have; see gateway/outbound/secrets.py.
    """

    name: str
    grammar: str
    form: str
    named_by_key: bool = False
    own_credential: bool = False
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fits(self, text: str) -> bool:
        """Whether an account may have this name."""
        return re.fullmatch(self.grammar, text) is not None

    def named_in(self, allowed: Iterable[str]) -> list[str]:
        """The accounts to which a client key with these names sends its events; more than one is a mistake.

        A key may be for several systems: what names no account of this one does not count. A UUID counts in
        either case: one that somebody wrote into the secret in capitals must not send to the stack's own.
        """
        names = {same_id(name) for name in allowed} if self.named_by_key else set()
        return sorted(name for name in names if self.fits(name))

    def settings_in(self, secret: Mapping[str, Any], account: str) -> dict[str, str]:
        """An account's settings in a secret's document; those of a newer release are left out.

        Raises ValueError, worded for an operator.
        """
        accounts = secret.get("accounts") or {}
        if not isinstance(accounts, dict):
            raise ValueError("`accounts` must be an object")
        entry = accounts.get(account) or {}
        if not isinstance(entry, dict):
            raise ValueError(f"the settings of {account} must be an object")
        found = {name: entry[name] for name in self.settings if entry.get(name) is not None}
        for name, value in found.items():
            if value not in self.settings[name]:
                raise ValueError(f"{name} must be {' or '.join(self.settings[name])}")
        return found
