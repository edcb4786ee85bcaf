"""`python -m tools.deploy staging`, which is `make deploy STAGE=staging`.

Ends with 0 if the stack is deployed and the doctor has no findings, with the doctor's status if it has some,
and with 2 if nothing was deployed.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Sequence

import boto3
from rich.console import Console

from tools.deploy import preflight, sam
from tools.deploy.stage import Stage
from tools.errors import CommandError
from tools.failures.aws import Failures, explained
from tools.failures.rights import DEPLOYER
from tools.places import ROOT
from tools.programs.installed import SAM, install_missing
from tools.template.reader import Template

PLACEHOLDER = "which is still <"

console = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        prog="make deploy", description="Deploy a stage to AWS, then run the doctor."
    )
    parser.add_argument("stage", help="a file in stages/ without .toml, or a path to a .toml file")
    parser.add_argument("--doctor", default="", help="additional options for `bin/trackgate doctor`")
    options = parser.parse_args(arguments)
    try:
        stage = Stage.read(options.stage)
        template = Template.read()
        if complaints := list(stage.complaints(template)):
            told = [f"{stage.shown}: {complaint}." for complaint in complaints]
            if any(PLACEHOLDER in complaint for complaint in complaints):
                told.append(f"`bin/trackgate init {options.stage}` asks for what is missing.")
            raise CommandError("\n".join(told))
        preflight.check(stage)
        install_missing(ROOT / ".tools" / "logs", (SAM,))
        parameters = stage.parameters(template)
        with sam.alone():
            sam.build(parameters["Architecture"])
            sam.deploy(stage, parameters)
        _print_outputs(stage)
    except CommandError as error:
        return _failed(str(error))
    except Failures as error:
        return _failed(explained(error, policy=DEPLOYER))
    except KeyboardInterrupt:
        return _failed("Interrupted: CloudFormation continues what it has begun; run this again afterwards")
    return _doctor(stage, shlex.split(options.doctor))


def _failed(sentence: str) -> int:
    console.print(sentence, style="red", markup=False, soft_wrap=True)
    return 2


def _print_outputs(stage: Stage) -> None:
    formation = boto3.Session(region_name=stage.region).client("cloudformation")
    (stack,) = formation.describe_stacks(StackName=stage.stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    width = max(map(len, outputs), default=0)
    console.print(f"\n{stage.stack} in {stage.region}:")
    for name, value in sorted(outputs.items()):
        console.print(f"{name:<{width}}  {value}", markup=False, soft_wrap=True)


def _doctor(stage: Stage, further: Sequence[str]) -> int:
    """Run `bin/trackgate doctor` on the stack; its exit status."""
    console.print(f"\nbin/trackgate doctor --stack {stage.stack} --region {stage.region}", soft_wrap=True)
    command = [str(ROOT / "bin" / "trackgate"), "doctor", "--stack", stage.stack, "--region", stage.region]
    status = subprocess.run([*command, *further]).returncode
    if status != 0:
        console.print(
            f"{stage.stack} is deployed, but the doctor exited with {status}: see above.", style="red"
        )
    return status


if __name__ == "__main__":
    sys.exit(main())
