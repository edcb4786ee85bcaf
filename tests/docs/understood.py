"""Whether the operator's program would take a command that is shown somewhere."""

import shlex
from functools import cache
from typing import Any

import typer
from typer.main import get_command

from tools.operator.app import app

PROGRAM = "bin/trackgate"


def understood(line: str) -> bool:
    """Whether the program takes these words, without doing what they say."""
    words = shlex.split(line.partition(PROGRAM)[2].partition(" < ")[0])
    if words[0].startswith("-"):  # an option that acts while it is read
        return words[0] in {option for each in _program().params for option in each.opts}
    try:
        return not _program().main(words, prog_name="trackgate", standalone_mode=False)
    except typer.Exit as exit_:
        return not exit_.exit_code
    except Exception as error:
        if hasattr(error, "exit_code"):  # how Typer says what is wrong with them
            return False
        raise


@cache
def _program() -> Any:
    program = get_command(app)
    _do_nothing(program)
    return program


def _do_nothing(command: Any) -> None:
    for each in getattr(command, "commands", {}).values():
        _do_nothing(each)
    if not hasattr(command, "commands"):
        command.callback = lambda **given: None
