"""Steps of `bin/trackgate init` on a stack: the vendors' credentials, and a first client key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from tools.errors import CommandError
from tools.operator import secret
from tools.operator.accounts import EVERY
from tools.operator.client_keys import entries
from tools.operator.client_keys.commands import created
from tools.operator.init.asking import Asking
from tools.operator.output import note
from tools.operator.secret import Document
from tools.operator.stack import Stack
from tools.operator.vendor_credentials import credential_input
from tools.operator.vendor_credentials.vendor_check import needs_credential
from tools.systems.registry import profile

FIRST_KEY = "first-app"


def credentials_step(asking: Asking, stack: Stack) -> None:
    """Prompt for each credential that is missing; Enter leaves one out. Raises CommandError."""
    for system in stack.systems:
        if not needs_credential(stack, system):
            note(f"✓ {system}: needs no credential")
            continue
        if secret.credentials(_document(stack, system)):
            note(f"✓ {system}: has a credential")
            continue
        only = profile(system).credential_only_for(partial(stack.parameter, system))
        what = f"{profile(system).title}'s credential" + (f", which only {only} needs" if only else "")
        value = asking.hidden(f"{what} (Enter to leave it out)", partial(_refusal, system))
        if value:
            _store(stack, system, value)
            note(f"✓ {system}: credential stored")
        else:
            command = f"bin/trackgate secrets set {stack.option} --system {system}"
            note(f"· {system}: no credential; {command} < file")


def _refusal(system: str, text: str) -> str | None:
    try:
        credential_input.checked(system, text)
    except CommandError as error:
        return str(error)
    return None


def _store(stack: Stack, system: str, value: str) -> None:
    def change(document: Document) -> Document:
        return document | {"credentials": {**secret.credentials(document), EVERY: value}}

    secret.edit(stack.client("secretsmanager"), stack.secret(system), change)


def key_step(asking: Asking, stack: Stack, name: str) -> dict[str, str]:
    """Make a key for the systems that require one and have none; the key by system, empty if none was made.

    `name`: make one of this name for all that take keys, unless there is one. Raises CommandError.
    """
    takes = {system: _document(stack, system) for system in stack.systems if stack.has_secret(system)}
    if name:
        missing = [system for system, document in takes.items() if name not in _names(document)]
    else:
        missing = [
            system
            for system, document in takes.items()
            if stack.parameter(system, "ClientKeys") == "required" and not entries.good(document, time.time())
        ]
    if not missing:
        note("✓ client keys: every system that requires one has one")
        return {}
    told = ", ".join(missing)
    if not asking.agreed(f"Create a client key that may use every account of {told}?"):
        note(f"· no client key; bin/trackgate keys create NAME {stack.option} --system … --allow …")
        return {}
    key = created(stack, name or asking.text("The key's name", FIRST_KEY), missing, [EVERY])
    return dict.fromkeys(missing, key.text)


def _names(document: Mapping[str, Any]) -> set[str]:
    return {str(key.get("name")) for key in entries.good(document, time.time())}


def _document(stack: Stack, system: str) -> Document:
    return secret.read(stack.client("secretsmanager"), stack.secret(system))
