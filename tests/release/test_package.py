"""A release is the same wherever it is built, complete, and works when it is deployed as it is."""

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import requests

from tests.release.conftest import build
from tools.local import credentials, rest_api
from tools.local.build import ARCHITECTURE
from tools.local.deploy import BUCKET, Deployed
from tools.local.stack import LocalStack
from tools.programs import process
from tools.programs.environment import REGION, for_local_aws
from tools.programs.installed import SAM
from tools.release.package import CHECKSUMS, template_name

STACK = "trackgate-released"


def test_two_builds_in_different_folders_are_byte_identical(release: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        again = build(tmp_path / "a longer path, with spaces")
    finally:
        os.umask(before)

    assert sorted(path.name for path in again.iterdir()) == sorted(path.name for path in release.iterdir())
    assert [
        path.name for path in again.iterdir() if path.read_bytes() != (release / path.name).read_bytes()
    ] == []


def test_the_checksums_cover_every_file(release: Path) -> None:
    files = sorted(path for path in release.iterdir() if path.name != CHECKSUMS)

    found = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in files]

    assert (release / CHECKSUMS).read_text().splitlines() == found


def test_nothing_of_the_building_machine_is_in_it(release: Path) -> None:
    needle = str(release.parent).encode()
    inside = []
    for path in release.glob("*.zip"):
        with ZipFile(path) as archive:
            inside += [f"{path.name}: {name}" for name in archive.namelist() if needle in archive.read(name)]

    assert inside == []


def test_the_bill_of_materials_lists_what_the_layers_hold(release: Path) -> None:
    bill = json.loads((release / "sbom.cdx.json").read_text())
    listed = {(part["name"].replace("-", "_"), part["version"]) for part in bill["components"]}
    packed = {
        (found[1].replace("-", "_").lower(), found[2])
        for path in release.glob("*-layer-*.zip")
        for name in ZipFile(path).namelist()
        if (found := re.match(r"python/([^/]+)-([^-/]+)\.dist-info/METADATA", name))
    }

    assert packed
    assert packed <= listed
    assert bill["metadata"]["timestamp"] == "2026-01-02T03:04:05Z"


def toml(stage: dict[str, Any]) -> str:
    """A stage's file with these settings."""
    overrides = stage.pop("parameter_overrides")
    lines = ["version = 0.1", "[default.deploy.parameters]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in stage.items()]
    lines += ["[default.deploy.parameters.parameter_overrides]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in overrides.items()]
    return "\n".join(lines)


@pytest.fixture
def deployed(release: Path, local: LocalStack, tmp_path: Path) -> Iterator[Deployed]:
    """The release as a second stack on the local AWS, for the length of a test."""
    stage = tomllib.loads((release / "staging.toml").read_text())["default"]["deploy"]["parameters"]
    stage |= {"stack_name": STACK, "s3_bucket": BUCKET, "s3_prefix": STACK, "region": REGION}
    del stage["resolve_s3"]
    stage["parameter_overrides"] |= local.parameters
    config = tmp_path / "stage.toml"
    config.write_text(toml(stage))
    process.run(
        [
            *(str(SAM.python), "-m", "samcli", "deploy", "--template-file", template_name(ARCHITECTURE)),
            *("--config-file", str(config), "--no-progressbar"),
        ],
        log=tmp_path / "deploy.log",
        environment=for_local_aws(local.aws.url, SAM_CLI_POLL_DELAY="0.2"),
        directory=release,
    )
    formation = local.client("cloudformation")
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = [resource for page in pages for resource in page["StackResourceSummaries"]]
    yield Deployed({}, {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found})
    formation.delete_stack(StackName=STACK)
    formation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def test_deployed_as_it_is_it_answers(deployed: Deployed, local: LocalStack) -> None:
    rest_api.complete(local.aws, local.template, deployed)
    credentials.write(local.aws, local.template, deployed, {})
    stage = f"restapis/{deployed.resources['Api']}/{rest_api.STAGE}/_user_request_"
    session = {"player_id": "fe3bcc9f-3289-4651-ad15-3b995718badd"}

    answer = requests.post(f"{local.aws.url}/{stage}/onesignal/new-session", json=session, timeout=30)

    assert (answer.status_code, answer.headers["Gateway-Delivery"]) == (200, "delivered")
