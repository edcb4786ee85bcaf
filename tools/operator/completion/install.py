"""`--show-completion` and `--install-completion`: a shell's script, printed or put where it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer._completion_classes import completion_init  # its own options are the only public way to it

from tools.operator.completion.scripts import SCRIPTS
from tools.operator.output import note, out

completion_init()  # Typer knows the shells' forms of answers only after this


def _show(shell: str | None) -> None:
    if shell is not None:
        typer.echo(_script(shell), nl=False)
        raise typer.Exit


def _install(shell: str | None) -> None:
    if shell is None:
        return
    try:
        where = install(shell, Path.home())
    except OSError as error:
        note(f"{error.filename} cannot be written ({error.strerror}): use --show-completion {shell}", "red")
        raise typer.Exit(1) from error
    out.print(f"Written: {where}. Start a new {shell}, or source it.", markup=False)
    raise typer.Exit


Show = Annotated[
    str | None,
    typer.Option(
        "--show-completion",
        metavar="SHELL",
        callback=_show,
        is_eager=True,
        help="Print the completion script for bash, zsh or fish.",
    ),
]
Install = Annotated[
    str | None,
    typer.Option(
        "--install-completion",
        metavar="SHELL",
        callback=_install,
        is_eager=True,
        help="Install completion for bash, zsh or fish.",
    ),
]


def install(shell: str, home: Path) -> Path:
    """Write the shell's script to where it is read at its start, and return that. May be repeated."""
    script = _script(shell)
    if shell == "fish":
        # Not in completions/: from there fish reads nothing for a program that is not on the PATH.
        return _written(home / ".config" / "fish" / "conf.d" / "trackgate.fish", script)
    if shell == "zsh":
        file = _written(home / ".zfunc" / "_trackgate", script)
        _line(home / ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit")
        return file
    file = _written(home / ".bash_completions" / "trackgate.sh", script)
    _line(home / ".bashrc", "source ~/.bash_completions/trackgate.sh")
    return file


def _script(shell: str) -> str:
    if shell not in SCRIPTS:
        raise typer.BadParameter(f"{shell}: use {', '.join(SCRIPTS)}")
    return SCRIPTS[shell]


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def _line(file: Path, line: str) -> None:
    """Add a line to a shell's start-up file, unless it is there."""
    text = file.read_text() if file.exists() else ""
    if line not in text.splitlines():
        file.write_text(f"{text.rstrip()}\n{line}\n".lstrip("\n"))
