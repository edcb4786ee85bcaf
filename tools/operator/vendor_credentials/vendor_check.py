"""Asks a vendor whether it accepts a credential, by a request that changes nothing there."""

from __future__ import annotations

from functools import partial

from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.outbound.http_client import HttpClient
from tools.errors import CommandError
from tools.operator.accounts import EVERY
from tools.operator.stack import Stack
from tools.operator.systems import known
from tools.operator.vendor_credentials.own_credential import SECONDS, Verdict, own_credential
from tools.systems.profile import CredentialRequest
from tools.systems.registry import profile


def ask_vendor(stack: Stack, system: str, account: str, credential: str) -> Verdict:
    """The upstream's verdict. Raises CommandError if it cannot be asked about this account."""
    found = profile(system)
    if own := own_credential(system):
        return own.check(stack, credential)
    if found.credential_check is None:
        return Verdict("unknown", "there is no known request that would tell without side effects")
    kind = known(system).account
    if kind is not None and not kind.own_credential and account == EVERY:
        raise CommandError(
            f"This credential is for every {kind.name}: choose one to ask about with --account"
        )
    request = found.credential_check(partial(stack.parameter, system), account, credential)
    return _judged(_ask(stack, system, request), request.accepted)


def needs_credential(stack: Stack, system: str) -> bool:
    """Whether a system needs a credential for its upstream."""
    own = own_credential(system)
    return own.needs_credential(stack) if own else stack.has_secret(system)


def _ask(stack: Stack, system: str, request: CredentialRequest) -> Reply | Transient:
    url = stack.parameter(system, "Url").rstrip("/")
    headers = {**request.headers} | ({"Content-Type": "application/json"} if request.body else {})
    try:
        return HttpClient().send(
            request.method, f"{url}{request.target}", headers=headers, body=request.body, seconds=SECONDS
        )
    except Transient as error:
        return error


def _judged(reply: Reply | Transient, accepted: range) -> Verdict:
    if isinstance(reply, Transient):
        return Verdict("unknown", f"no response: {reply.reason}")
    if reply.status in accepted:
        return Verdict("accepted")
    if reply.status in (401, 403):
        return Verdict("refused", f"status {reply.status}")
    return Verdict("unknown", f"status {reply.status}")
