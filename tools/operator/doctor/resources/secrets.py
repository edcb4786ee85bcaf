"""Each system's secret: the vendor's credential, and the client keys that apps sign in with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from tools.operator import secret
from tools.operator.accounts import EVERY
from tools.operator.client_keys import entries
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, warning
from tools.operator.doctor.resources.accounts import named_accounts, uses_own_account
from tools.operator.duration import spoken
from tools.operator.secret import Document
from tools.operator.vendor_credentials.vendor_check import needs_credential
from tools.systems.registry import profile

SOON = 14 * 86_400.0
"""Seconds before its end at which a key should be rotated."""


def secrets(deployment: Deployment) -> Iterator[Row]:
    """What is in them, never what they say."""
    stack = deployment.stack
    for system in stack.systems:
        if not stack.has_secret(system):
            yield _needs_none(system)
            continue
        document = secret.read(deployment.client("secretsmanager"), stack.secret(system))
        wanted, now = stack.parameter(system, "ClientKeys") or "off", time.time()
        if needs_credential(stack, system):
            only_for = profile(system).credential_only_for(partial(stack.parameter, system))
            own_account = uses_own_account(system, document, wanted=wanted, now=now)
            yield credential(system, document, only_for=only_for, own_account=own_account)
        else:
            yield _needs_none(system)
        yield from client_keys(system, document, wanted=wanted, now=now)
        yield from named_accounts(system, document, wanted=wanted, now=now)


def _needs_none(system: str) -> Row:
    return ok(f"{system} credential", "none", "needs none")


def credential(system: str, document: Document, *, only_for: str, own_account: bool) -> Row:
    """Whether there is one. `secrets check` asks the vendor whether it is good.

    `only_for`: the one endpoint that needs it, empty where all do; `own_account`: whether events go to an
    account for which only the credential `*` signs.
    """
    what = f"{system} credential"
    accounts = sorted(account for account, value in secret.credentials(document).items() if value)
    lacks_own = own_account and EVERY not in accounts
    if accounts and not lacks_own:
        return ok(what, "at least one", f"for {', '.join(accounts)}")
    expected = f"one for {EVERY}" if own_account else "at least one"
    seen = f"for {', '.join(accounts)} alone" if accounts else "none"
    command = f"bin/trackgate secrets set --system {system}"
    if only_for:
        return warning(what, expected, seen, f"{only_for} is not delivered: {command}")
    what_is_not = "nothing for the stack's own account" if accounts else "nothing"
    return finding(what, expected, seen, f"{what_is_not} is delivered: {command}")


def client_keys(system: str, document: Document, *, wanted: str, now: float) -> Iterator[Row]:
    """Whether apps can sign in. `wanted` is `required`, `report` or `off`; `now` is Unix seconds."""
    what = f"{system} client keys"
    known = entries.keys(document)
    good = entries.good(document, now)
    if wanted == "off":
        yield ok(what, "not required", f"{len(good)}")
        return
    if not good:
        seen = f"none{f' that is still valid, {len(known)} expired' if known else ''}"
        do = f"bin/trackgate keys create NAME --system {system} --allow …"
        if wanted == "required":
            yield finding(what, "at least one", seen, f"every app is refused: {do}")
        else:
            yield warning(what, "at least one", seen, f"every call is counted as WouldRefuse: {do}")
        return
    yield ok(what, "at least one", f"{len(good)}")
    for key in good:
        if (left := entries.left(key, now)) < SOON:
            do = f"bin/trackgate keys rotate {key.get('id')}"
            seen = f"{key.get('name') or key.get('id')} expires in {spoken(left)}"
            yield warning(what, f"good for {spoken(SOON)}", seen, do)
