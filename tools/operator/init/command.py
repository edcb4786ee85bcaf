"""`bin/trackgate init`: writes a stage's settings, and after `make deploy` goes on to the first event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from tools.errors import CommandError
from tools.operator.command import told
from tools.operator.completion.offers import offering, stage_names, systems
from tools.operator.init.access_steps import credentials_step, key_step
from tools.operator.init.asking import Asking
from tools.operator.init.event_step import event_step
from tools.operator.init.stage_step import stage_step
from tools.operator.output import note
from tools.operator.stack import DEFAULT_STACK, NoStack, Stack


def init(
    stage: Annotated[
        str,
        typer.Argument(
            help="The stage; its settings are in stages/STAGE.toml.",
            show_default=False,
            autocompletion=offering(stage_names),
        ),
    ] = "",
    system: Annotated[
        list[str] | None,
        typer.Option(
            help="A system to turn on; may be repeated. All others are off.", autocompletion=offering(systems)
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting from docs/settings.md; may be repeated."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="The stage's AWS region.")] = None,
    key: Annotated[str, typer.Option(metavar="NAME", help="Create a client key with this name.")] = "",
    event: Annotated[
        str, typer.Option(metavar="SYSTEM/ENDPOINT", help="The sample event to send; see events/.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: use the defaults and skip credentials.")
    ] = False,
    local: Annotated[bool, typer.Option("--local", help="Use the stack of `make local`.")] = False,
) -> None:
    """Set up a first deployment: settings and, after `make deploy`, credentials, a key and an event.

    Run it again after each step: it sees what is done and continues. It prompts for credentials; they are
    never arguments. With --yes on AWS, an event is only sent if --event names it.
    """
    asking = Asking(yes)
    with told(local=local):
        if local:
            if stage or system or setting or region:
                raise CommandError("--local has no stage: leave out STAGE, --system, --set and --region")
            stack = Stack.open(DEFAULT_STACK, local=True)
        else:
            given = _settings(setting or [])
            found = stage_step(asking, stage, systems=system or [], given=given, region=region)
            note(f"✓ {found.shown}: the stack {found.stack} in {found.region}")
            then = f"Then continue: bin/trackgate init {found.file.stem}"
            try:
                stack = Stack.open(found.stack, region=found.region)
            except NoStack:
                note(f"Now deploy it: make deploy STAGE={found.file.stem}", "bold")
                note(then)
                return
            except CommandError as error:
                raise CommandError(f"{error}. {then}") from error
        note(f"✓ the stack {stack.name} is deployed, with {', '.join(stack.chosen([]))}")
        credentials_step(asking, stack)
        made = key_step(asking, stack, key)
        if not event_step(asking, stack, event, made):
            raise typer.Exit(1)


def _settings(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandError(f"--set {text}: write NAME=VALUE")
        found[name] = value
    return found
