"""What every command of a stack's has in common: which stack, and what a failure looks like."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Concatenate

import typer
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.operator.screen import note
from tools.operator.stack import DEFAULT_STACK, Stack
from tools.operator.trouble import Trouble

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "stack": (
        Annotated[str, typer.Option(help="The CloudFormation stack.", envvar="TRACKGATE_STACK")],
        DEFAULT_STACK,
    ),
    "region": (Annotated[str | None, typer.Option(help="Its region, if not the profile's.")], None),
    "local": (
        Annotated[bool, typer.Option("--local", help="The stack of `make local`, at AWS_PORT.")],
        False,
    ),
}


def on_stack[**P](command: Callable[Concatenate[Stack, P], None]) -> Callable[..., None]:
    """Make a function of a stack a command that says which: `--stack --region`, or `--local`."""
    parameters = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    where = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _OPTIONS.items()
    ]

    def run(*args: Any, **options: Any) -> None:
        place = {name: options.pop(name) for name in _OPTIONS}
        try:
            stack = Stack.open(place["stack"], region=place["region"], local=place["local"])
            command(stack, *args, **options)
        except (Trouble, ClientError, BotoCoreError) as error:
            note(str(error), "red")
            raise typer.Exit(1) from error

    shown = inspect.Signature([*parameters, *where])
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = shown  # type: ignore[attr-defined]
    run.__annotations__ = {name: parameter.annotation for name, parameter in shown.parameters.items()}
    return run
