"""`trackgate doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from tools.operator.command import on_stack
from tools.operator.doctor import report
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.examine import examine
from tools.operator.doctor.report import Row
from tools.operator.screen import note, notes, out
from tools.operator.stack import Stack


@on_stack(failing=2)
def doctor(
    stack: Stack,
    url: Annotated[
        str | None, typer.Option(help="Where the API answers, if not at the output BaseUrl.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for a warning, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="A line of JSON for each row.")] = False,
) -> None:
    """Say whether a deployment works: changes nothing, and takes less than two minutes.

    Ends with 0 if all is well, with 1 for a finding or what it could not tell, with 2 if it cannot run.
    """
    deployment = Deployment.of(stack, url)
    rows: list[Row] = []
    with notes.status(f"Examining {stack.name}") as status:
        for row in examine(deployment):
            status.update(f"Examining {stack.name}: {row.what}")
            rows.append(row)
    if json:
        for row in rows:
            out.print(report.as_json(row), markup=False, soft_wrap=True)
    else:
        out.print(report.table(rows))
    note(f"{stack.name} at {deployment.door.url}: {report.summary(rows)}")
    raise typer.Exit(report.status(rows, strict=strict))
