"""`sam deploy` of the built template to the local AWS, and the resources it creates there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.local.aws import LocalAws
from tools.places import ROOT, Places
from tools.programs import environment, process
from tools.programs.installed import SAM

STACK = "trackgate"
BUCKET = "trackgate-artifacts"


@dataclass(frozen=True)
class Deployed:
    """A deployed stack: its outputs, and every resource's physical id by logical id."""

    outputs: Mapping[str, str]
    resources: Mapping[str, str]


def deploy(aws: LocalAws, template: Path, parameters: Mapping[str, str], places: Places) -> Deployed:
    """Deploy with these parameters, others at their defaults. Raises CommandError with SAM's output."""
    places.parameters.write_text(json.dumps(dict(parameters), indent=2))
    buckets = aws.client("s3")
    if BUCKET not in [bucket["Name"] for bucket in buckets.list_buckets()["Buckets"]]:
        buckets.create_bucket(Bucket=BUCKET)
    process.run(
        [
            *(str(SAM.python), "-m", "samcli", "deploy", "--template-file", str(template)),
            *("--config-env", "local", "--stack-name", STACK, "--s3-bucket", BUCKET),
            *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
            *("--no-progressbar", "--use-json", "--parameter-overrides", f"file://{places.parameters}"),
        ],
        log=places.logs / "deploy.log",
        environment=environment.for_local_aws(aws.url, SAM_CLI_POLL_DELAY="0.2"),
        directory=ROOT,
    )
    return deployed(aws)


def deployed(aws: LocalAws, name: str = STACK) -> Deployed:
    """The current state of a stack on the local AWS."""
    formation = aws.client("cloudformation")
    (stack,) = formation.describe_stacks(StackName=name)["Stacks"]
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
    return Deployed(
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        resources={
            found["LogicalResourceId"]: found["PhysicalResourceId"]
            for page in pages
            for found in page["StackResourceSummaries"]
        },
    )
