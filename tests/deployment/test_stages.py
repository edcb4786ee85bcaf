"""`make deploy` of two stages into one account and region: neither touches what is the other's."""

import gzip
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.until import until
from tools.local import rest_api, workers
from tools.local.build import ARCHITECTURE
from tools.local.deploy import Deployed, deployed
from tools.local.stack import LocalStack
from tools.places import ROOT
from tools.programs.environment import REGION, for_local_aws
from tools.sandbox.client import Sandbox

NAMES = ("staging", "production")
SECONDS = 60
UPSTREAMS = {"OneSignal": "onesignal", "Trax": "trax", "PushExpress": "pushexpress", "MyTracker": "mytracker"}

FILLED = {
    "<your app id at OneSignal>": "local-onesignal-app",
    "<your app ids at push.express>": "*",
    "<ARN of an SNS topic>": f"arn:aws:sns:{REGION}:000000000000:alarms",
    "eu-central-1": REGION,
    'Architecture = "arm64"': f'Architecture = "{ARCHITECTURE}"',
    "[default.deploy.parameters.parameter_overrides]": "[default.deploy.parameters.parameter_overrides]\n"
    'RetryScale = "0.001"\nDeliveryConcurrency = 2\nSavedQueries = "off"',
}
"""What a user replaces in the committed files, and what a local AWS needs."""


@dataclass(frozen=True)
class Stage:
    """One of the two stacks; `said` is what `make deploy` printed."""

    name: str
    local: LocalStack
    deployed: Deployed
    said: str

    @property
    def stack(self) -> str:
        return f"trackgate-{self.name}"

    def ask(self, path: str, method: str = "POST", **given: Any) -> requests.Response:
        """A call at the stack's own API."""
        api = f"{self.local.aws.url}/restapis/{self.deployed.resources['Api']}/live/_user_request_"
        return requests.request(method, f"{api}{path}", timeout=SECONDS, **given)

    def waiting(self, queue: str) -> int:
        found = self.local.client("sqs").get_queue_attributes(
            QueueUrl=self.deployed.resources[queue],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(count) for count in found["Attributes"].values())

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of its functions' log that hold metrics."""
        pages = (
            self.local.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=self.deployed.outputs["FunctionLogGroup"])
        )
        texts = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(text) for text in texts if '"_aws":' in text]

    def rows(self) -> list[str]:
        """Every row of track's in its bucket."""
        store, bucket = self.local.client("s3"), self.deployed.resources["TrackBucket"]
        found = store.list_objects_v2(Bucket=bucket, Prefix="events/").get("Contents", [])
        bodies = [store.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found]
        return [line for body in bodies for line in _text(body).splitlines()]


def _text(body: bytes) -> str:
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def _filled(name: str, local: LocalStack, folder: Path) -> Path:
    """The committed file as a user fills it in, with the sandbox for the vendors."""
    text = (ROOT / "stages" / f"{name}.toml").read_text()
    for placeholder, value in FILLED.items():
        text = text.replace(placeholder, value)
    urls = [f'{system}Url = "{local.sandbox_url}/{path}"' for system, path in UPSTREAMS.items()]
    file = folder / f"{name}.toml"
    file.write_text("\n".join([text, *urls, ""]))
    return file


@pytest.fixture(scope="module")
def stages(local: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Stage]]:
    """Both, deployed as a user deploys them."""
    folder = tmp_path_factory.mktemp("stages")
    formation = local.client("cloudformation")
    found = {}
    for name in NAMES:
        ran = subprocess.run(
            [
                "make",
                "--no-print-directory",
                "deploy",
                f"STAGE={_filled(name, local, folder)}",
                "DOCTOR=--help",
            ],
            cwd=ROOT,
            env=for_local_aws(local.aws.url, SAM_CLI_POLL_DELAY="0.2"),
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        stage = Stage(name, local, deployed(local.aws, f"trackgate-{name}"), ran.stdout)
        rest_api.complete(local.aws, local.template, stage.deployed)
        found[name] = stage
    workers.complete_event_sources(local.aws)
    yield found
    for stage in found.values():
        formation.delete_stack(StackName=stage.stack)


@pytest.fixture
def staging(stages: Mapping[str, Stage]) -> Stage:
    return stages["staging"]


@pytest.fixture
def production(stages: Mapping[str, Stage]) -> Stage:
    return stages["production"]


def test_it_prints_the_outputs_and_calls_the_doctor(staging: Stage) -> None:
    for name, value in staging.deployed.outputs.items():
        assert re.search(rf"^{name} +{re.escape(value)}$", staging.said, re.MULTILINE), name
    assert f"bin/trackgate doctor --stack {staging.stack} --region {REGION}" in staging.said


def test_every_resource_is_the_stacks_own(staging: Stage, production: Stage) -> None:
    once_per_account = {"ApiGatewayAccount"}
    shared = {
        logical
        for logical, physical in staging.deployed.resources.items()
        if production.deployed.resources.get(logical) == physical and logical not in once_per_account
    }

    # Named within the stack's own API, log group and database.
    assert {re.sub(r"^Track\w+(Table|Once)$", "table", logical) for logical in shared} <= {
        "ApiliveStage",
        "TrackStreamLog",
        "table",
    }


def test_names_that_an_account_has_once_are_made_of_the_stacks(staging: Stage, production: Stage) -> None:
    local = staging.local
    dashboards = {
        each["DashboardName"] for each in local.client("cloudwatch").list_dashboards()["DashboardEntries"]
    }
    databases = {each["Name"] for each in local.client("glue").get_databases()["DatabaseList"]}
    alarms = {
        each["AlarmName"]: each
        for page in local.client("cloudwatch").get_paginator("describe_alarms").paginate()
        for each in page["MetricAlarms"]
    }

    for stage in (staging, production):
        assert f"{stage.stack}-{REGION}" in dashboards
        assert stage.stack.replace("-", "_") in databases
        for logical, physical in stage.deployed.resources.items():
            if logical.endswith("Alarm"):
                namespace = alarms[physical]["Namespace"]
                assert namespace == stage.stack or namespace.startswith("AWS/"), logical


def test_a_credential_and_a_key_are_good_in_one_stage_alone(staging: Stage, production: Stage) -> None:
    secret = {
        "credentials": {"*": "local-trax-credential"},
        "client_keys": [
            {
                "id": "staging",
                "sha256": hashlib.sha256(b"staging-key").hexdigest(),
                "name": "staging",
                "allows": ["*"],
                "expires": None,
            }
        ],
    }
    staging.local.client("secretsmanager").put_secret_value(
        SecretId=staging.deployed.resources["TraxSecret"], SecretString=json.dumps(secret)
    )
    key = {"Authorization": "Auth-Token staging-key"}
    answers = [
        stage.ask(f"/api/v4/shop/session/{uuid4()}", "PUT", json={}, headers=key).status_code
        for stage in (staging, production)
    ]

    assert answers == [400, 401], "staging knows the key and refuses the body; production does not know it"


def test_each_stage_counts_in_its_own_namespace(staging: Stage, production: Stage) -> None:
    for stage in (staging, production):
        stage.ask("/onesignal/new-session", json={"player_id": str(uuid4())})
    for stage in (staging, production):
        found = until(stage.metrics)
        namespaces = {each["Namespace"] for line in found for each in line["_aws"]["CloudWatchMetrics"]}
        assert namespaces == {stage.stack}
        assert stage.deployed.outputs["MetricsNamespace"] == stage.stack


def test_rows_lie_in_the_stages_own_bucket(staging: Stage, production: Stage) -> None:
    for stage, number in ((staging, 2), (production, 3)):
        for _ in range(number):
            answer = stage.ask(
                "/api/1.0/track/session/",
                data={
                    "Region": "BR",
                    "SessionID": stage.name,
                    "RemoteIP": "192.0.2.7",
                    "SessionType": "start",
                },
            )
            assert (answer.status_code, answer.headers["Gateway-Delivery"]) == (201, "delivered"), answer.text

    for stage, number in ((staging, 2), (production, 3)):
        rows = until(stage.rows)
        assert [json.loads(row)["SessionID"] for row in rows] == [stage.name] * number


def test_a_key_and_a_queue_are_the_stages_own(staging: Stage, production: Stage) -> None:
    sandbox = Sandbox(staging.local.sandbox_url)
    sandbox.reset()
    for stage in (staging, production):
        secret = json.dumps({"credentials": {"*": "local-onesignal-credential"}, "client_keys": []})
        stage.local.client("secretsmanager").put_secret_value(
            SecretId=stage.deployed.resources["OneSignalSecret"], SecretString=secret
        )
    body, key = {"player_id": str(uuid4())}, {"Idempotency-Key": "one-key"}
    sandbox.fault("status", system="onesignal", next=1, status=503)

    queued = staging.ask("/onesignal/new-session", json=body, headers=key)
    direct = production.ask("/onesignal/new-session", json=body, headers=key)

    assert queued.headers["Gateway-Delivery"] == "queued"
    assert direct.headers["Gateway-Delivery"] == "delivered"
    assert "Idempotency-Replayed" not in direct.headers
    assert production.waiting("OneSignalQueue") == 0
    until(lambda: staging.waiting("OneSignalQueue") == 0)
    until(lambda: [each.status for each in sandbox.ledger("onesignal")].count(200) == 2)


def test_the_doctor_says_what_a_new_stage_lacks(production: Stage) -> None:
    api = f"{production.local.aws.url}/restapis/{production.deployed.resources['Api']}/live/_user_request_"
    command = [str(ROOT / "bin" / "trackgate"), "doctor", "--local", "--stack", production.stack]
    ran = subprocess.run(
        [*command, "--url", api, "--json"],
        env=for_local_aws(production.local.aws.url, AWS_PORT=production.local.aws.url.rpartition(":")[2]),
        capture_output=True,
        text=True,
    )

    rows = {row["what"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert ran.returncode == 1, ran.stderr
    assert rows[f"stack {production.stack}"]["level"] == "ok"
    assert rows["functions"]["level"] == "ok"
    assert rows["mytracker credential"]["level"] == "finding"
    assert "secrets set --system mytracker" in rows["mytracker credential"]["do"]
