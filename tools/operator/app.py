"""The commands of `trackgate`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated

import typer

from gateway import __version__
from tools.operator.client_keys.commands import app as client_keys
from tools.operator.completion.install import Install, Show
from tools.operator.cost.command import cost
from tools.operator.dead_letters.commands import app as dead_letters
from tools.operator.doctor.command import doctor
from tools.operator.drain.command import backlog
from tools.operator.erasure.command import forget
from tools.operator.hold.commands import hold, resume
from tools.operator.init.command import init
from tools.operator.status.command import status
from tools.operator.tail.command import tail
from tools.operator.trace.command import trace
from tools.operator.vendor_credentials.commands import app as vendor_credentials

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Operate a deployed Trackgate: on AWS with your usual credentials, or in a local run with --local.",
)
app.add_typer(dead_letters, name="deadletters")
app.add_typer(client_keys, name="keys")
app.add_typer(vendor_credentials, name="secrets")


def _unwrapped(command: Callable[..., None]) -> str:
    """A command's docstring with a line per paragraph: typer would show its lines as they are broken."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


for _command in (init, hold, resume, forget, doctor, status, trace, tail, backlog, cost):
    app.command(help=_unwrapped(_command))(_command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trackgate {__version__}")
        raise typer.Exit


@app.callback()
def trackgate(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    install_completion: Install = None,
    show_completion: Show = None,
) -> None:
    """Options that need no command."""
    del version, install_completion, show_completion
