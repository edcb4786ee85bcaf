"""The store of a local run: a file that many processes write at once and any of them may be killed over."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import Refused, Setup, Transient
from track.stores.record import TABLES, record_of

from .conftest import Opener, task_of

ROOT = Path(__file__).parents[2]
PATH = {"PYTHONPATH": f"{ROOT}/functions:{ROOT}/layers/shared"}

WRITER = """
import sys
from gateway.core.task import DeliveryTask, new_event_id
from track.row import Row
from track.store import open_store

store = open_store(sys.argv[1])
for number in range(int(sys.argv[2])):
    values = {"ProfileID": number, "Region": "BR"}
    payload = Row(table="UserEvent", values=values)
    event_id = new_event_id()
    call = DeliveryTask(system="track", endpoint="user", event_id=event_id, received_at=1.5, payload=payload)
    store.send(call, seconds=30)
    print(call.event_id, flush=True)
"""


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def writer(path: Path, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, f"sqlite:///{path}", str(count)]
    return subprocess.Popen(arguments, env=PATH, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_stored_as_it_came(opened: Opener, tmp_path: Path, table: str) -> None:
    task = task_of(table)

    reply = opened(f"sqlite:///{tmp_path}/track.db").send(task)

    assert reply.status == 201
    expected = record_of(task).values
    names = ", ".join(expected)
    [found] = rows(tmp_path / "track.db", f"SELECT {names}, GatewayEventID, Created, EventID FROM {table}")  # noqa: S608
    assert found == (*expected.values(), task.event_id, "2023-11-14 22:13:20.123000", 1)


def test_a_repeat_inserts_nothing(opened: Opener, tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/track.db")
    task, other = task_of("UserEvent"), task_of("UserEvent")

    assert store.send(task).status == 201
    assert store.send_many([task, other, other]) == [None, None, None]

    assert rows(tmp_path / "track.db", "SELECT GatewayEventID FROM UserEvent ORDER BY EventID") == [
        (task.event_id,),
        (other.event_id,),
    ]


def test_the_file_outlives_the_store(opened: Opener, tmp_path: Path) -> None:
    for _ in range(2):
        store = opened(f"sqlite:///{tmp_path}/track.db")
        store.send(task_of("UserEvent"))
        store.close()

    assert rows(tmp_path / "track.db", "SELECT COUNT(*) FROM UserEvent") == [(2,)]
    assert rows(tmp_path / "track.db", "SELECT Version FROM TrackMigration") == [(1,), (2,)]


def test_a_store_in_memory(opened: Opener) -> None:
    store = opened("sqlite:///:memory:")

    assert store.send_many([task_of(table) for table in TABLES]) == [None] * 4


def test_an_amount_keeps_all_of_its_digits(opened: Opener, tmp_path: Path) -> None:
    largest, smallest = "999999999999999.9999", "-999999999999999.9999"

    opened(f"sqlite:///{tmp_path}/track.db").send(
        task_of("PurchaseEvent", GrossAmount=largest, NetAmount=smallest)
    )

    assert rows(tmp_path / "track.db", "SELECT GrossAmount, NetAmount FROM PurchaseEvent") == [
        (largest, smallest)
    ]


def test_bad_rows_fail_alone(opened: Opener, tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/track.db")
    with closing(sqlite3.connect(tmp_path / "track.db")) as connection:
        connection.execute(
            "CREATE TRIGGER no_thirteen BEFORE INSERT ON UserEvent WHEN NEW.ProfileID % 13 = 0"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    tasks = [task_of("UserEvent", ProfileID=number) for number in range(1, 101)] + [task_of("ItemEvent")]

    outcomes = store.send_many(tasks)

    refused = {index + 1 for index, outcome in enumerate(outcomes) if isinstance(outcome, Refused)}
    assert refused == {13, 26, 39, 52, 65, 78, 91}
    assert sum(outcome is None for outcome in outcomes) == 94
    assert rows(tmp_path / "track.db", "SELECT COUNT(*) FROM UserEvent") == [(93,)]
    assert rows(tmp_path / "track.db", "SELECT COUNT(*) FROM ItemEvent") == [(1,)]


@pytest.mark.programs
def test_eight_processes_open_and_write_one_new_file(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    writers = [writer(path, 50) for _ in range(8)]

    said = [process.communicate(timeout=60)[0].split() for process in writers]

    assert [process.returncode for process in writers] == [0] * 8
    acknowledged = {event_id for ids in said for event_id in ids}
    assert len(acknowledged) == 400
    assert {event_id for (event_id,) in rows(path, "SELECT GatewayEventID FROM UserEvent")} == acknowledged
    assert rows(path, "SELECT Version FROM TrackMigration") == [(1,), (2,)]


@pytest.mark.programs
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    process = writer(path, 100_000)
    assert process.stdout is not None
    acknowledged = {process.stdout.readline().strip() for _ in range(30)}

    process.send_signal(signal.SIGKILL)
    acknowledged |= set(process.communicate()[0].split())

    stored = {event_id for (event_id,) in rows(path, "SELECT GatewayEventID FROM UserEvent")}
    assert len(acknowledged) >= 30
    # One more may be there: committed, and killed before it could say so.
    assert len(stored - acknowledged) <= 1
    # A killed process' pipe may end within a line.
    assert {event_id for event_id in acknowledged if len(event_id) == 26} <= stored


def test_a_locked_file_is_passing(opened: Opener, tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/track.db")
    with closing(sqlite3.connect(tmp_path / "track.db")) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(Transient) as caught:
            store.send(task_of("UserEvent"), seconds=0.2)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("database locked", False)
    assert store.send(task_of("UserEvent")).status == 201


def test_a_full_disk_is_passing(opened: Opener, tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/track.db")
    pages = rows(tmp_path / "track.db", "PRAGMA page_count")[0][0]
    with store.engine.connect() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    outcomes = store.send_many([task_of("UserEvent") for _ in range(1000)])

    assert {outcome.reason for outcome in outcomes if isinstance(outcome, Transient)} == {
        "disk full or failing"
    }
    assert None not in outcomes


def test_a_missing_table_is_a_setup_failure_for_its_rows_alone(opened: Opener, tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path}/track.db")
    with closing(sqlite3.connect(tmp_path / "track.db")) as connection:
        connection.execute("DROP TABLE ItemEvent")

    outcomes = store.send_many([task_of("ItemEvent"), task_of("UserEvent")])

    assert isinstance(outcomes[0], Setup)
    assert outcomes[1] is None


def test_a_file_that_is_no_database_is_a_setup_failure(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "track.db").write_bytes(b"not a database, but long enough to look like one" * 100)

    with pytest.raises(Setup):
        opened(f"sqlite:///{tmp_path}/track.db")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:////no/such/folder/track.db"])
def test_an_unusable_url_is_a_setup_failure(opened: Opener, url: str) -> None:
    with pytest.raises(Setup):
        opened(url)


@pytest.mark.parametrize("variable", ["AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"])
def test_on_aws_a_file_is_refused(opened: Opener, tmp_path: Path, variable: str) -> None:
    url = f"sqlite:///{tmp_path}/track.db"

    with pytest.raises(Setup, match="SQLite on AWS"):
        opened(url, environment={variable: "f"})

    local = {variable: "f", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}
    assert opened(url, environment=local).send(task_of("UserEvent")).status == 201


@pytest.mark.parametrize(
    ("url", "absent"),
    [("firehose://track", {"sqlalchemy", "pymysql"}), ("sqlite:///:memory:", {"pymysql"})],
)
def test_a_store_imports_only_what_it_needs(url: str, absent: set[str]) -> None:
    program = f"import sys; from track.store import open_store; open_store({url!r}); print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], env=PATH, capture_output=True, text=True, check=True
    )

    assert absent.isdisjoint(done.stdout.split())
    assert "track.store" in done.stdout.split()
