"""Tables come from a command that may run twice, from many places at once, and on the original's tables."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.systems.track.migrate import main, migrate
from track.stores.record import TABLES

from .conftest import Database, Opener, task_of

pytestmark = pytest.mark.enable_socket

ROOT = Path(__file__).parents[2]


def test_it_makes_the_documented_tables(database: Database) -> None:
    assert migrate(database.url(), dry_run=True) == [1, 2]
    assert migrate(database.url()) == [1, 2]
    assert migrate(database.url(), dry_run=True) == []
    assert migrate(database.url()) == []

    assert {name for (name,) in database.execute("SHOW TABLES")} == {*TABLES, "TrackMigration"}
    query = (
        "SELECT COLUMN_NAME, CONCAT_WS(' ', COLUMN_TYPE, CHARACTER_SET_NAME,"
        " IF(IS_NULLABLE = 'YES', 'null', NULL), COLUMN_KEY, EXTRA) FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'PurchaseEvent'"
    )
    columns = dict(database.execute(query))
    assert {name: form.strip() for name, form in columns.items()} == {
        "EventID": "bigint(20) PRI auto_increment",
        "Created": "datetime(3)",
        "ProfileID": "int(11)",
        "Region": "varchar(16) utf8mb4",
        "Currency": "varchar(3) utf8mb4",
        "GrossAmount": "decimal(19,4)",
        "NetAmount": "decimal(19,4)",
        "PaymentProvider": "varchar(45) utf8mb4",
        "Product": "varchar(45) utf8mb4",
        "Language": "varchar(16) utf8mb4",
        "GatewayEventID": "char(26) ascii null UNI",
    }


def test_the_originals_table_gets_what_it_lacks_and_keeps_its_rows(
    opened: Opener, database: Database
) -> None:
    database.execute(
        "CREATE TABLE UserEvent (EventID INT AUTO_INCREMENT PRIMARY KEY, Created DATETIME NOT NULL,"
        " ProfileID INT NOT NULL, Region VARCHAR(16) NOT NULL, Referrer VARCHAR(64), Message VARCHAR(45))"
    )
    database.execute(
        "INSERT INTO UserEvent (Created, ProfileID, Region)"
        " VALUES ('2013-08-12', 1, 'NO'), ('2013-08-13', 2, 'NO')"
    )

    migrate(database.url())

    call = task_of("UserEvent")
    store = opened(database.url())
    store.send(call)
    store.send(call)
    found = database.execute("SELECT ProfileID, Language, GatewayEventID FROM UserEvent ORDER BY EventID")
    assert found == [(1, "", None), (2, "", None), (7, "", call.event_id)]


def test_a_migration_that_was_interrupted_is_finished(opened: Opener, database: Database) -> None:
    migrate(database.url())
    database.execute("DELETE FROM TrackMigration WHERE Version = 2")
    database.execute("DROP TABLE ItemEvent")
    database.execute("DELETE FROM TrackMigration WHERE Version = 1")
    database.execute("ALTER TABLE UserEvent DROP INDEX UserEvent_GatewayEventID")

    assert migrate(database.url()) == [1, 2]

    assert opened(database.url()).send_many([task_of(table) for table in TABLES]) == [None] * 4
    assert database.execute("SHOW INDEX FROM UserEvent WHERE Key_name = 'UserEvent_GatewayEventID'")


def test_many_at_once(opened: Opener, database: Database) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/functions:{ROOT}/layers/shared"}
    command = [sys.executable, "-m", "tools.systems.track.migrate", "--url", database.url()]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]

    said = sorted(process.communicate(timeout=60) for process in processes)

    assert said == [("applied: version 1, version 2\n", ""), *[("up to date\n", "")] * 5]
    assert [process.returncode for process in processes] == [0] * 6
    assert opened(database.url()).send_many([task_of(table) for table in TABLES]) == [None] * 4


def test_the_command_says_what_it_did(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", database.url(), "--dry-run"]) == 1
    assert main(["--url", database.url()]) == 0
    assert main(["--url", database.url(), "--dry-run"]) == 0
    assert (
        capsys.readouterr().out
        == "missing: version 1, version 2\napplied: version 1, version 2\nup to date\n"
    )

    assert main(["--url", database.url().replace("p%40ss", "wrong")]) == 1
    assert capsys.readouterr().err == "not migrated: database credential refused\n"
    assert main(["--url", "firehose://stream"]) == 1
    assert capsys.readouterr().err == "not migrated: store URL unreadable\n"


def test_the_command_makes_a_file_whose_folder_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--url", f"sqlite:///{tmp_path}/track.db"]) == 0
    assert main(["--url", f"sqlite:///{tmp_path}/nowhere/track.db"]) == 1

    assert (tmp_path / "track.db").is_file()
    assert capsys.readouterr() == ("up to date\n", "not migrated: store's folder is missing\n")
