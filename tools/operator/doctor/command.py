"""`bin/trackgate doctor`: checks a deployment and reports what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer

from tools.errors import CommandError
from tools.operator.command import on_stack
from tools.operator.doctor import report
from tools.operator.doctor.checks import check_all
from tools.operator.doctor.deep.cleanup import Cleanup, interrupted_by_sigterm
from tools.operator.doctor.deep.plan import deep, plan
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack


@on_stack(failing=2)
def doctor(
    stack: Stack,
    url: Annotated[
        str | None, typer.Option(help="The API's address, if it is not the output BaseUrl.")
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option("--deep", help="Also send a marked event and a message through the deployment."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Also exit with 1 for a warning.")] = False,
    json: AsJson = False,
) -> None:
    """Check whether a deployment works, and say what to do. Changes nothing, except with --deep.

    It takes up to two minutes, with --deep up to 15. Exits with 0 if all is well, with 1 for a finding or an
    unknown result, with 2 if it cannot run.
    """
    deployment = Deployment.of(stack, url)
    if thorough:
        _agreed(deployment, yes=yes)
    rows: list[Row] = []
    cleanup = Cleanup()
    with interrupted_by_sigterm():
        try:
            _gather(deployment, check_all(deployment), rows)
            if thorough:
                _gather(deployment, deep(deployment, cleanup), rows)
        finally:
            _gather(deployment, cleanup.remove(), rows)
            _print(rows, json=json)
            note(f"{stack.name} at {deployment.api.url}: {report.summary(rows)}")
    raise typer.Exit(report.status(rows, strict=strict))


def _agreed(deployment: Deployment, *, yes: bool) -> None:
    """Say what will be written, and ask. Raises CommandError if nobody can be asked, or the answer is no."""
    note(f"This writes to {deployment.stack.name} and removes it again:")
    for line in plan(deployment):
        note(f"- {line}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask on: add --yes, or run this in one")
    if not typer.confirm("Go on?", err=True):
        raise CommandError("Nothing was written")


def _gather(deployment: Deployment, found: Iterable[Row], rows: list[Row]) -> None:
    with notes.status(f"Checking {deployment.stack.name}") as status:
        for row in found:
            status.update(f"Checking {deployment.stack.name}: {row.what}")
            rows.append(row)


def _print(rows: list[Row], *, json: bool) -> None:
    if not json:
        out.print(report.table(rows))
        return
    for row in rows:
        print_json(asdict(row))
