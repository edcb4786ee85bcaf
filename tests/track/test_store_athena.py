"""What was sent to Firehose is counted through Athena: raw with its repeats, in the view `…_once` without."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.task import new_event_id
from tests.architecture.house import TEMPLATE
from tools.local.ministack import ministack
from tools.operator.doctor.api_client import ApiClient
from tools.operator.doctor.deep.polling import Polling
from tools.operator.doctor.deployment import Deployment
from tools.operator.stack import Stack
from tools.places import Places
from tools.programs.environment import CREDENTIALS, REGION
from tools.systems.track.synthetic_row import Objects
from track.store import open_store
from track.stores.record import TABLES

from .conftest import free_port, task_of

CONDITION = "TrackStreams"
HIVE = {"text": "string", "integer": "int", "boolean": "boolean", "amount": "decimal(19,4)"}
TRINO = {"string": "varchar", "int": "integer", "timestamp": "timestamp(3)"}

RESOURCES: dict[str, Any] = {
    name: resource
    for name, resource in TEMPLATE.data["Resources"].items()
    if resource.get("Condition") == CONDITION
}


def glue_table(name: str) -> Any:
    [found] = [
        resource["Properties"]["TableInput"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::Glue::Table" and resource["Properties"]["TableInput"]["Name"] == name
    ]
    return found


@pytest.mark.parametrize("table", TABLES)
def test_the_glue_table_and_its_view_have_the_stores_columns(table: str) -> None:
    expected = [("gatewayeventid", "string"), ("created", "timestamp")]
    expected += [(column.name.lower(), HIVE[column.kind]) for column in TABLES[table]]

    raw, view = glue_table(table.lower()), glue_table(f"{table.lower()}_once")

    assert [(c["Name"], c["Type"]) for c in raw["StorageDescriptor"]["Columns"]] == expected
    assert raw["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    assert [(c["Name"], c["Type"]) for c in view["StorageDescriptor"]["Columns"]] == [
        *expected,
        ("dt", "string"),
    ]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str]]]:
    """Only what the event store needs, on a local AWS: its clients, and the resources' physical names."""
    with ministack(Places(tmp_path_factory.mktemp("athena")), free_port()) as aws:
        template = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": {
                name: TEMPLATE.data["Parameters"][name] for name in ("TrackDatabaseName", "LogRetentionDays")
            },
            "Conditions": {"TrackDatabaseNamed": TEMPLATE.data["Conditions"]["TrackDatabaseNamed"]},
            "Resources": {
                name: {k: v for k, v in r.items() if k != "Condition"} for name, r in RESOURCES.items()
            },
        }
        formation = aws.client("cloudformation")
        formation.create_stack(
            StackName="track", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
        formation.get_waiter("stack_create_complete").wait(
            StackName="track", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
        made = formation.describe_stack_resources(StackName="track")["StackResources"]
        yield aws, {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in made}


@pytest.fixture
def query(stack: tuple[Any, dict[str, str]]) -> Callable[[str], list[list[str]]]:
    aws, made = stack
    athena = aws.client("athena")

    def run(sql: str) -> list[list[str]]:
        query_id = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": made["TrackDatabase"]},
            WorkGroup=made["TrackWorkGroup"],
        )["QueryExecutionId"]
        while (status := athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"])[
            "State"
        ] in ("QUEUED", "RUNNING"):
            time.sleep(0.05)
        assert status["State"] == "SUCCEEDED", status
        found = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"][1:]
        return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in found]

    return run


@pytest.mark.programs
def test_athena_counts_what_was_sent(
    stack: tuple[Any, dict[str, str]],
    query: Callable[[str], list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws, made = stack
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": aws.url, "AWS_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    store = open_store(f"firehose://{made['TrackStream']}")
    tasks = [
        replace(task_of(table, new_event_id()), received_at=1_767_225_599.5 + day * 86_400)
        for table in TABLES
        for day in range(3)
        for _ in range(7)
    ]

    assert store.send_many(tasks, seconds=30) == [None] * len(tasks)
    assert store.send_many(tasks[::3], seconds=30) == [None] * len(tasks[::3])

    for table in TABLES:
        view = aws.client("glue").get_table(DatabaseName=made["TrackDatabase"], Name=f"{table.lower()}_once")
        text = re.fullmatch(r"/\* Presto View: (.*) \*/", view["Table"]["ViewOriginalText"])
        assert text is not None
        presto = json.loads(base64.b64decode(text[1]))
        columns = view["Table"]["StorageDescriptor"]["Columns"]
        assert [c["type"] for c in presto["columns"]] == [TRINO.get(c["Type"], c["Type"]) for c in columns]
        assert [c["name"] for c in presto["columns"]] == [c["Name"] for c in columns]
        # MiniStack's Athena does not unfold views, so the view's own query is run.
        once = f"SELECT count(*), count(DISTINCT dt) FROM ({presto['originalSql']})"  # noqa: S608 - our own SQL
        assert query(once) == [["21", "3"]]
        assert query(f"SELECT count(*) FROM {table.lower()}") == [["28"]]  # noqa: S608 - as above
    [[amount, created, day]] = query(
        "SELECT DISTINCT CAST(grossamount AS decimal(19,4)), created, dt FROM purchaseevent"
        " ORDER BY dt LIMIT 1"
    )
    assert (amount, created[:23], day) == ("1.9900", "2025-12-31 23:59:59.500", "2025-12-31")
    failed = aws.client("s3").list_objects_v2(Bucket=made["TrackBucket"], Prefix="failed/")
    assert failed["KeyCount"] == 0


@pytest.mark.programs
def test_the_doctor_sees_its_event_once_and_takes_it_out_again(
    stack: tuple[Any, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws, made = stack
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": aws.url, "AWS_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    outputs = {"TrackBucketName": made["TrackBucket"], "TrackWorkGroupName": made["TrackWorkGroup"]}
    deployment = Deployment(
        stack=Stack(name="track", client=aws.client, outputs=outputs, local=True),
        api=ApiClient("http://127.0.0.1:9"),
    )
    deployment.__dict__["resources"] = {"TrackDatabase": ("AWS::Glue::Database", made["TrackDatabase"])}
    objects = Objects(deployment, made["TrackBucket"], "doctor1", Polling(time.monotonic() + 30, every=0.1))
    ours, other = (
        replace(task_of("SessionEvent", new_event_id(), SessionID=name), received_at=time.time())
        for name in ("doctor1", "doctor2")
    )
    store = open_store(f"firehose://{made['TrackStream']}")

    before = objects.count()
    for task in (ours, ours, other):
        store.send(task)
    after = objects.count()
    left = objects.remove()

    assert (before, after, left) == (0, 1, "")
    assert objects.count() == 0
    assert Objects(deployment, made["TrackBucket"], "doctor2", Polling(0, every=1)).count() == 1
