"""`trackgate doctor`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer

from tools.errors import CommandError
from tools.operator.command import on_stack
from tools.operator.doctor import report
from tools.operator.doctor.checks import examine
from tools.operator.doctor.deep.cleanup import Traces, ended_gently
from tools.operator.doctor.deep.plan import deep, plan
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack


@on_stack(failing=2)
def doctor(
    stack: Stack,
    url: Annotated[str | None, typer.Option(help="The API's address, if not the output BaseUrl.")] = None,
    thorough: Annotated[
        bool, typer.Option("--deep", help="Also send a marked event and a message through it; writes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for a warning, too.")] = False,
    json: AsJson = False,
) -> None:
    """Does this deployment work? Read-only, and done in two minutes; with --deep it writes, for up to 15.

    Ends with 0 if all is well, with 1 for a finding or what it could not tell, with 2 if it cannot run.
    """
    deployment = Deployment.of(stack, url)
    if thorough:
        _agreed(deployment, yes=yes)
    rows: list[Row] = []
    traces = Traces()
    with ended_gently():
        try:
            _gather(deployment, examine(deployment), rows)
            if thorough:
                _gather(deployment, deep(deployment, traces), rows)
        finally:
            _gather(deployment, traces.remove(), rows)
            _print(rows, json=json)
            note(f"{stack.name} at {deployment.door.url}: {report.summary(rows)}")
    raise typer.Exit(report.status(rows, strict=strict))


def _agreed(deployment: Deployment, *, yes: bool) -> None:
    """Say what is about to be written, and ask. Raises Trouble where nobody can be asked, or says no."""
    note(f"This writes to {deployment.stack.name}, and removes it again:")
    for line in plan(deployment):
        note(f"- {line}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nobody can be asked here: --yes")
    if not typer.confirm("Go on?", err=True):
        raise CommandError("Nothing was written")


def _gather(deployment: Deployment, found: Iterable[Row], rows: list[Row]) -> None:
    with notes.status(f"Examining {deployment.stack.name}") as status:
        for row in found:
            status.update(f"Examining {deployment.stack.name}: {row.what}")
            rows.append(row)


def _print(rows: list[Row], *, json: bool) -> None:
    if not json:
        out.print(report.table(rows))
        return
    for row in rows:
        print_json(asdict(row))
