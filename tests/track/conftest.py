"""Good rows, and a real MariaDB with the worst defaults: no strict mode, Latin-1, another time zone."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import pymysql
import pytest

from gateway.core.task import DeliveryTask, new_event_id
from tests.components import MARIADB
from tests.until import until
from track.row import Row
from track.store import open_store
from track.stores.base import Store

_numbers = count(1)

VALUES: dict[str, dict[str, str | int | bool]] = {
    "SessionEvent": {
        "Region": "BR",
        "SessionID": "s-1",
        "RemoteIP": "192.0.2.7",
        "SessionType": "start",
        "Message": "hello",
        "ProfileID": 7,
        "Language": "pt",
    },
    "UserEvent": {"ProfileID": 7, "Region": "BR", "Referrer": "ad", "Message": ""},
    "ItemEvent": {
        "ProfileID": 7,
        "Region": "BR",
        "ItemName": "hat",
        "ItemType": "wear",
        "IsUGC": True,
        "PriceGold": 3,
    },
    "PurchaseEvent": {
        "ProfileID": 7,
        "Region": "BR",
        "Currency": "BRL",
        "GrossAmount": "1.9900",
        "NetAmount": "1.5000",
        "PaymentProvider": "card",
        "Product": "gems",
    },
}
RECEIVED_AT = 1_700_000_000.123


def task_of(table: str, event_id: str | None = None, **changed: object) -> DeliveryTask:
    """A task with a good row of `table`, but for what is `changed`."""
    values: Any = {**VALUES[table], **changed}
    return DeliveryTask(
        system="track",
        endpoint=table.removesuffix("Event").lower(),
        event_id=event_id or new_event_id(),
        received_at=RECEIVED_AT,
        payload=Row(table=table, values=values),
    )


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


type Opener = Callable[..., Store]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """`open_store`, whose stores are closed when the test ends."""
    with ExitStack() as stores:

        def open_one(url: str, **options: Any) -> Store:
            return stores.enter_context(closing(open_store(url, **options)))

        yield open_one


class MariaDb:
    """A server of our own with a scratch data directory. Skips the test where MariaDB is missing."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Makes the data directory; `start` starts the server."""
        self._folder = folder
        self._options = options
        self._as_root = ["--user=root"] if os.geteuid() == 0 else []
        self.port = free_port()
        subprocess.run(
            [
                MARIADB.program("mariadb-install-db"),
                "--no-defaults",
                *self._as_root,
                f"--datadir={folder}/data",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(
            [
                MARIADB.program("mariadbd"),
                "--no-defaults",
                *self._as_root,
                f"--datadir={self._folder}/data",
                f"--socket={self._folder}/socket",
                f"--log-error={self._folder}/log",
                f"--port={self.port}",
                "--bind-address=127.0.0.1",
                "--sql-mode=",
                "--character-set-server=latin1",
                "--default-time-zone=+05:00",
                "--innodb-flush-log-at-trx-commit=2",
                *self._options,
            ],
            stderr=subprocess.DEVNULL,
        )
        until(self._answers)

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            self.execute("SELECT 1")
        except pymysql.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop in good order."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    def execute(self, statement: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run a statement as the administrator."""
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


class Database:
    """An empty database of that server, and a user who may do anything in it, but nothing else."""

    def __init__(self, server: MariaDb) -> None:
        """Makes both."""
        self.server = server
        self.name = self.user = f"track_{os.getpid()}_{next(_numbers)}"
        server.execute(f"CREATE DATABASE {self.name}")
        server.execute(f"CREATE USER {self.user}@'127.0.0.1' IDENTIFIED BY 'p@ss:/word'")
        server.execute(f"GRANT ALL ON {self.name}.* TO {self.user}@'127.0.0.1'")

    def url(self, port: int | None = None, **options: str) -> str:
        """The store's URL."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        address = f"127.0.0.1:{port or self.server.port}/{self.name}"
        return f"mysql+pymysql://{self.user}:p%40ss%3A%2Fword@{address}" + (f"?{query}" if query else "")

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement in it as the administrator."""
        return self.server.execute(statement, self.name)

    def connections(self) -> list[int]:
        """The user's connections, as the server knows them."""
        query = f"SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '{self.user}'"  # noqa: S608
        return [connection for (connection,) in self.execute(query)]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        found: int = self.execute(f"SELECT COUNT(*) FROM {table}")[0][0]  # noqa: S608 - a test's own name
        return found


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """The server, one a session."""
    server = MariaDb(tmp_path_factory.mktemp("mariadb"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database(mariadb: MariaDb) -> Database:
    """A database without tables."""
    return Database(mariadb)
