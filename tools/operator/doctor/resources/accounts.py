"""Several accounts in one stack, named by client keys: whether each event finds its account's credential."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.core.account import Account
from tools.operator import secret
from tools.operator.accounts import EVERY
from tools.operator.client_keys import entries
from tools.operator.doctor.report import Row, finding, ok
from tools.operator.secret import Document
from tools.operator.systems import known


def named_accounts(system: str, document: Document, *, wanted: str, now: float) -> Iterator[Row]:
    """A row per account that a valid key or a credential names, and one for each key that names several.

    `wanted` is whether client keys are `required`; `now` is Unix seconds.
    """
    account = known(system).account
    if account is None or not account.named_by_key:
        return
    names = {name for name, value in secret.credentials(document).items() if value and name != EVERY}
    for key in entries.good(document, now):
        named = account.named_in(entries.allowed(key))
        names |= set(named)
        if len(named) > 1:
            what = f"{system} client key {key.get('name') or key.get('id')}"
            do = f"functions refuse it: create one key per {account.name}, and revoke it"
            yield finding(what, f"one {account.name}", ", ".join(named), do)
    for name in sorted(names):
        yield _named(system, account, name, document, wanted=wanted)


def uses_own_account(system: str, document: Document, *, wanted: str, now: float) -> bool:
    """Whether events go to the stack's own account, for which no other credential than `*` signs."""
    account = known(system).account
    if account is None or not account.own_credential:
        return False
    good = entries.good(document, now)
    return wanted != "required" or any(not account.named_in(entries.allowed(key)) for key in good)


def _named(system: str, account: Account, name: str, document: Document, *, wanted: str) -> Row:
    what = f"{system} {account.name} {name}"
    command = f"bin/trackgate secrets set --system {system} --account {name}"
    if not secret.credentials(document).get(name):
        return finding(what, "a credential", "none", f"its events wait in the queue: {command}")
    try:
        account.settings_in(document, name)
    except ValueError as error:
        return finding(what, "settings", str(error), f"its events wait in the queue: {command} --setting …")
    if wanted != "required":
        do = f"events without a key go to the stack's own {account.name}: require client keys, and deploy"
        return finding(what, "client keys required", wanted, do)
    return ok(what, "a credential", "one")
