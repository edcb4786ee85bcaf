"""What all commands on a stack share: the options that name it, and how failures are reported."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Concatenate, overload

import typer

from tools.errors import CommandError
from tools.failures.aws import Failures, explained
from tools.operator.completion.offers import offered
from tools.operator.output import note
from tools.operator.stack import DEFAULT_STACK, Stack

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "stack": (
        Annotated[str, typer.Option(help="The CloudFormation stack.", envvar="TRACKGATE_STACK")],
        DEFAULT_STACK,
    ),
    "region": (
        Annotated[str | None, typer.Option(help="The stack's region; by default, the profile's.")],
        None,
    ),
    "local": (
        Annotated[bool, typer.Option("--local", help="Use the stack of `make local`, at AWS_PORT.")],
        False,
    ),
}


type _Command[**P] = Callable[Concatenate[Stack, P], None]


@overload
def on_stack[**P](command: _Command[P]) -> Callable[..., None]: ...
@overload
def on_stack(*, failing: int) -> Callable[[Callable[..., None]], Callable[..., None]]: ...


def on_stack(command: Callable[..., None] | None = None, *, failing: int = 1) -> Any:
    """Turn a function of a stack into a command with `--stack`, `--region` and `--local`.

    `failing`: the exit status if the command cannot go on.
    """
    if command is None:
        return lambda command: _on_stack(command, failing)
    return _on_stack(command, failing)


@contextmanager
def told(*, local: bool, failing: int = 1) -> Iterator[None]:
    """Report what ends the block in one sentence, and exit with `failing`. `local`: AWS is `make local`'s."""
    try:
        yield
    except CommandError as error:
        note(str(error), "red")
        raise typer.Exit(failing) from error
    except Failures as error:
        note(explained(error, local=local), "red")
        raise typer.Exit(failing) from error
    except KeyboardInterrupt:
        note("Interrupted: what was done stays done; `bin/trackgate doctor` shows the state", "yellow")
        raise
    except typer.Abort as error:
        if isinstance(error.__context__, EOFError):  # not Ctrl-C
            note("There is no terminal to ask on: add --yes, or run this in one", "red")
        raise


def _on_stack(command: Callable[..., None], failing: int) -> Callable[..., None]:
    parameters = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    where = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _OPTIONS.items()
    ]

    def run(*args: Any, **options: Any) -> None:
        place = {name: options.pop(name) for name in _OPTIONS}
        with told(local=place["local"], failing=failing):
            stack = Stack.open(place["stack"], region=place["region"], local=place["local"])
            command(stack, *args, **options)

    shown = inspect.Signature([*parameters, *where])
    offered(shown.parameters.values())
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = shown  # type: ignore[attr-defined]
    run.__annotations__ = {name: parameter.annotation for name, parameter in shown.parameters.items()}
    return run
