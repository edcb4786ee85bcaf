"""`bin/trackgate secrets`: stores a vendor's credential, and asks the vendor whether it accepts it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from gateway.outbound.secrets import KEEP_SECONDS
from tools.errors import CommandError
from tools.operator import accounts, secret
from tools.operator.accounts import EVERY
from tools.operator.command import on_stack
from tools.operator.duration import spoken
from tools.operator.output import AsJson, note, out, print_json, table
from tools.operator.secret import Document
from tools.operator.stack import Stack
from tools.operator.systems import known
from tools.operator.vendor_credentials import account_settings, credential_input, vendor_check
from tools.operator.vendor_credentials.own_credential import Verdict
from tools.operator.vendor_credentials.vendor_check import needs_credential

app = typer.Typer(no_args_is_help=True, help="Store and check vendors' credentials, which are never printed.")

System = Annotated[str, typer.Option("--system", help="The system that the credential is for.")]
Account = Annotated[
    str,
    typer.Option(help="The project, idApp or app that it is for; * for all that have none of their own."),
]
COLOURS = {"accepted": "green", "unknown": "yellow"}


@app.command("set")
@on_stack
def set_(
    stack: Stack,
    system: System,
    account: Account = EVERY,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="A setting of this account, e.g. model=users; may be repeated. With it, an empty "
            "credential keeps the stored one.",
        ),
    ] = None,
) -> None:
    """Store a credential, read from standard input or a prompt: others could see an argument."""
    secret_id = stack.secret(system)
    accounts.checked(system, account)
    accounts.require_client_keys(stack, system, [account])
    settings = account_settings.parsed(system, account, setting or [])
    value = credential_input.read(system, account, may_be_empty=bool(settings))

    def change(document: Document) -> Document:
        credentials = secret.credentials(document)
        if not (value or credentials.get(account)):
            raise CommandError(f"{system} has no credential for {account} yet: give one")
        kept = account_settings.stored(document, account, settings)
        return kept | {"credentials": {**credentials, account: value or credentials[account]}}

    secret.edit(stack.client("secretsmanager"), secret_id, change)
    told = [f"{name} = {given}" if given else f"the stack's {name}" for name, given in settings.items()]
    beside = f", with {' and '.join(told)}" if told else ""
    out.print(f"{system} has a credential for {account}{beside}.", markup=False)
    note(
        f"Functions use it within {spoken(KEEP_SECONDS)}, or sooner if the vendor refuses their current one."
    )
    note(f"To ask the vendor: bin/trackgate secrets check --system {system}")


@app.command()
@on_stack
def check(
    stack: Stack,
    system: Annotated[
        list[str] | None, typer.Option("--system", help="Only this system; may be repeated.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Ask about this project, idApp or app only.")] = None,
    json: AsJson = False,
) -> None:
    """Ask each vendor whether it accepts its credentials; exits with 1 unless all are accepted."""
    rows: list[tuple[str, str, Verdict]] = []
    for each in _asked(stack, system or [], account):
        if not needs_credential(stack, each):
            note(f"{each} needs no credential.")
            continue
        document = secret.read(stack.client("secretsmanager"), stack.secret(each))
        names = (sorted(secret.credentials(document)) or [EVERY]) if account is None else [account]
        rows += [(each, name, _verdict(stack, each, name, document)) for name in names]
    if json:
        for each, name, verdict in rows:
            print_json({"system": each, "account": name, "verdict": verdict.word, "reason": verdict.reason})
    else:
        shown = table("system", "account", "verdict", "")
        for each, name, verdict in rows:
            word = Text(verdict.word, style=COLOURS.get(verdict.word, "red"))
            shown.add_row(each, Text(name), word, Text(verdict.reason))
        out.print(shown)
    if any(verdict.word != "accepted" for _, _, verdict in rows):
        raise typer.Exit(1)


def _asked(stack: Stack, systems: list[str], account: str | None) -> list[str]:
    """The systems to ask; for an account without a system, those that could have it. Raises CommandError."""
    if account is None:
        return stack.chosen(systems)
    if systems:
        for system in stack.chosen(systems):
            accounts.checked(system, account)
        return systems
    found = [system for system in stack.systems if accounts.fits(system, account)]
    if not found:
        raise CommandError(f"{account!r} is not an account of any system in this stack")
    return found


def _verdict(stack: Stack, system: str, account: str, document: Document) -> Verdict:
    kind, credentials = known(system).account, secret.credentials(document)
    shared = None if kind is not None and kind.own_credential else credentials.get(EVERY)
    credential = credentials.get(account) or shared
    if not isinstance(credential, str) or not credential:
        return Verdict("absent", "`secrets set` stores one")
    try:
        # As the functions see it: what they would not send, and accounts for which they never look it up.
        accounts.checked(system, account)
        credential_input.checked(system, credential)
        if kind is not None:
            kind.settings_in(document, account)
    except (CommandError, ValueError) as error:
        return Verdict("unusable", str(error))
    try:
        return vendor_check.ask_vendor(stack, system, account, credential)
    except CommandError as error:
        return Verdict("unknown", str(error))
