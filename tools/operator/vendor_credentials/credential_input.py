"""Reads a vendor's credential from the operator, and rejects what the functions would refuse to send."""

from __future__ import annotations

import re
import sys

import typer

from gateway.outbound.secrets import CREDENTIAL
from tools.errors import CommandError
from tools.operator.vendor_credentials.own_credential import character_name, own_credential

MAX_BYTES = 16_384
"""No vendor's credential comes near this, and no upstream would accept a header that long."""

_SCHEME = re.compile(r"(?:authorization:\s*)?(auth-token|basic|bearer|key|token)\s", re.IGNORECASE)


def read(system: str, account: str, *, may_be_empty: bool = False) -> str:
    """A credential from standard input, or from a prompt without echo; perhaps none. Raises CommandError."""
    value: str
    if sys.stdin is None:  # closed: `<&-`
        value = ""
    elif sys.stdin.isatty():
        default = "" if may_be_empty else None
        value = typer.prompt(
            f"{system}'s credential for {account}", hide_input=True, default=default, show_default=False
        )
    else:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise CommandError(f"A credential has at most {MAX_BYTES:,} bytes: pipe in nothing else")
        try:
            value = raw.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise CommandError(
                "A credential must be text, and this is not UTF-8: pipe in nothing else"
            ) from None
    return value if may_be_empty and not value.strip() else checked(system, value)


def checked(system: str, value: str) -> str:
    """A credential that the functions accept. Raises CommandError, whose text quotes no part of it."""
    if not value.strip():
        raise CommandError(
            "The credential is empty: pipe it in, or run this in a terminal to be prompted for it"
        )
    if own := own_credential(system):
        return own.checked(value)
    if found := _SCHEME.match(value.strip()):
        raise CommandError(
            f"Leave out the scheme {found[1]!r} and give the credential alone: the gateway adds a scheme "
            "where the vendor wants one"
        )
    if odd := next((each for each in value if CREDENTIAL.fullmatch(each) is None), None):
        raise CommandError(
            f"A credential may contain visible ASCII characters only; this one contains {character_name(odd)}"
        )
    return value
