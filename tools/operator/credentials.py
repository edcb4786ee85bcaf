"""`trackgate secrets`: put in a vendor's credential, and ask the vendor whether it is good."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from gateway.outbound.secrets import KEEP_SECONDS
from tools.errors import CommandError
from tools.operator import accounts, checks, pasted, secret
from tools.operator.accounts import EVERY
from tools.operator.checks import needs_credential
from tools.operator.command import on_stack
from tools.operator.duration import spoken
from tools.operator.output import AsJson, note, out, print_json, table
from tools.operator.own_credential import Verdict
from tools.operator.secret import Document
from tools.operator.stack import Stack

app = typer.Typer(no_args_is_help=True, help="Vendors' credentials. None is ever printed.")

System = Annotated[str, typer.Option("--system", help="Whose credential it is.")]
Account = Annotated[
    str, typer.Option(help="The project or idApp that it is for; * for all without their own.")
]
COLOURS = {"accepted": "green", "unknown": "yellow"}


@app.command("set")
@on_stack
def set_(stack: Stack, system: System, account: Account = EVERY) -> None:
    """Put in a credential, read from standard input or asked for; never an argument, which others can see."""
    secret_id = stack.secret(system)
    accounts.checked(system, account)
    value = pasted.read(system, account)

    def change(document: Document) -> Document:
        return document | {"credentials": {**_credentials(document), account: value}}

    secret.edit(stack.client("secretsmanager"), secret_id, change)
    out.print(f"{system} has a credential for {account}.", markup=False)
    note(f"Functions take it in {spoken(KEEP_SECONDS)}, or sooner when the vendor refuses the one they have.")
    note(f"Ask the vendor: trackgate secrets check --system {system}")


@app.command()
@on_stack
def check(
    stack: Stack,
    system: Annotated[
        list[str] | None, typer.Option("--system", help="May be repeated; all for none.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Ask about this project or idApp alone.")] = None,
    json: AsJson = False,
) -> None:
    """Ask each vendor, harmlessly, if it accepts its credentials; ends with 1 unless all are accepted."""
    rows: list[tuple[str, str, Verdict]] = []
    for each in _asked(stack, system or [], account):
        if not needs_credential(stack, each):
            note(f"{each} needs no credential.")
            continue
        credentials = _credentials(secret.read(stack.client("secretsmanager"), stack.secret(each)))
        names = (sorted(credentials) or [EVERY]) if account is None else [account]
        rows += [(each, name, _verdict(stack, each, name, credentials)) for name in names]
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
    """The systems to ask; of an account alone, those that could have it. Raises Trouble."""
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


def _verdict(stack: Stack, system: str, account: str, credentials: dict[str, Any]) -> Verdict:
    credential = credentials.get(account) or credentials.get(EVERY)
    if not isinstance(credential, str) or not credential:
        return Verdict("absent", "secrets set puts one in")
    try:
        # As the functions see it: what they would not send, and whom they would never look it up for.
        accounts.checked(system, account)
        pasted.checked(system, credential)
    except CommandError as trouble:
        return Verdict("unusable", str(trouble))
    try:
        return checks.check(stack, system, account, credential)
    except CommandError as trouble:
        return Verdict("unknown", str(trouble))


def _credentials(document: Document) -> dict[str, Any]:
    found = document.get("credentials")
    return found if isinstance(found, dict) else {}
