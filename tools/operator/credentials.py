"""`trackgate secrets`: put in a vendor's credential, and ask the vendor whether it is good."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from gateway.secrets import KEEP_SECONDS
from tools.operator import secret
from tools.operator.checks import CHECKS, EVERY, needs_credential
from tools.operator.command import on_stack
from tools.operator.duration import spoken
from tools.operator.screen import note, out
from tools.operator.secret import Document
from tools.operator.stack import Stack
from tools.operator.trouble import Trouble

app = typer.Typer(no_args_is_help=True, help="Vendors' credentials. None is ever printed.")

System = Annotated[str, typer.Option("--system", help="Whose credential it is.")]
Account = Annotated[
    str, typer.Option(help="The project or idApp that it is for; * for all without their own.")
]


@app.command("set")
@on_stack
def set_(stack: Stack, system: System, account: Account = EVERY) -> None:
    """Put in a credential, read from standard input or asked for; never an argument, which others can see."""
    secret_id = stack.secret(system)
    value = _read(f"{system}'s credential for {account}")

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
) -> None:
    """Ask each vendor, harmlessly, if it accepts its credentials; ends with 1 unless all are accepted."""
    table = Table("system", "account", "verdict", "", box=None, pad_edge=False)
    good = True
    for each in stack.chosen(system or []):
        if not needs_credential(stack, each):
            note(f"{each} needs no credential.")
            continue
        credentials = _credentials(secret.read(stack.client("secretsmanager"), stack.secret(each)))
        accounts = sorted(credentials) if account is None else [account]
        if not accounts:
            table.add_row(each, "", Text("absent", style="red"), "secrets set puts one in")
            good = False
        for name in accounts:
            word, reason = _verdict(stack, each, name, credentials)
            colour = {"accepted": "green", "refused": "red"}.get(word, "yellow")
            table.add_row(each, Text(name), Text(word, style=colour), Text(reason))
            good = good and word == "accepted"
    out.print(table)
    if not good:
        raise typer.Exit(1)


def _verdict(stack: Stack, system: str, account: str, credentials: dict[str, Any]) -> tuple[str, str]:
    credential = credentials.get(account) or credentials.get(EVERY)
    if not isinstance(credential, str) or not credential:
        return "absent", "secrets set puts one in"
    try:
        verdict = CHECKS[system](stack, account, credential)
    except Trouble as trouble:
        return "unknown", str(trouble)
    return verdict.word, verdict.reason


def _credentials(document: Document) -> dict[str, Any]:
    found = document.get("credentials")
    return found if isinstance(found, dict) else {}


def _read(what: str) -> str:
    value: str
    if sys.stdin.isatty():
        value = typer.prompt(what, hide_input=True)
    else:
        value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not value.strip():
        raise Trouble("An empty credential is none")
    if not value.isprintable():
        raise Trouble("A credential is one line of printable characters")
    return value
