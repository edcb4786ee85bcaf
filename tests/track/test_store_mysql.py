"""The documented store on a real MariaDB: rows as they came, once each, whatever the connection does."""

import time
from decimal import Decimal
from pathlib import Path

import pymysql
import pytest
import trustme

from gateway.core.errors import Refused, Setup, Transient
from gateway.outbound import aws
from gateway.outbound.aws import AwsError
from tests.until import until
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import subject
from tools.operator.stack import Stack
from tools.systems.track.erased_rows import erase_rows
from tools.systems.track.migrate import migrate
from tools.systems.track.synthetic_row import Rows
from track.store import read_secret
from track.stores import mysql
from track.stores.base import Store
from track.stores.record import TABLES, record_of

from .conftest import Database, MariaDb, Opener, task_of
from .tcp_relay import Cut, relay_to

LATE = 2.0
"""What a busy machine may add to a deadline."""

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def migrated(database: Database) -> Database:
    migrate(database.url())
    return database


@pytest.fixture
def store(opened: Opener, migrated: Database) -> Store:
    return opened(migrated.url())


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_stored_as_it_came(store: Store, migrated: Database, table: str) -> None:
    call = task_of(table)

    reply = store.send(call)

    assert reply.status == 201
    expected = record_of(call).values
    names = ", ".join(expected)
    [found] = migrated.execute(f"SELECT {names}, GatewayEventID, CAST(Created AS CHAR) FROM {table}")  # noqa: S608
    assert tuple(str(value) if isinstance(value, Decimal) else value for value in found) == (
        *expected.values(),
        call.event_id,
        "2023-11-14 22:13:20.123",
    )


def test_a_repeat_inserts_nothing(store: Store, migrated: Database) -> None:
    call, other = task_of("UserEvent"), task_of("UserEvent")

    store.send(call)
    assert store.send_many([call, other, other]) == [None, None, None]
    assert store.send(call).status == 201

    found = migrated.execute("SELECT GatewayEventID FROM UserEvent ORDER BY EventID")
    assert found == [(call.event_id,), (other.event_id,)]


def test_a_forgotten_session_takes_no_other_with_it(store: Store, migrated: Database) -> None:
    """Text of this database equals text of another case, with other accents, with spaces behind it."""
    ids = ["abc", "ABC", "abc ", "\u00e4bc", "abc0"]
    store.send_many([task_of("SessionEvent", SessionID=id) for id in ids])
    store.send_many([task_of("UserEvent", ProfileID=profile) for profile in (-(2**31), 6)])
    outputs = {"TrackQueueUrl": "-", "TrackSecretArn": "-"}
    parameters = {"EventStore": migrated.url()}
    stack = Stack(name="s", client=lambda service: None, outputs=outputs, parameters=parameters)

    for id in ("abc", "-2147483648"):
        erase_rows(stack, subject("track", id), Removal(), dry_run=False)

    left = migrated.execute("SELECT SessionID FROM SessionEvent ORDER BY EventID")
    assert [id for (id,) in left] == ids[1:]
    assert migrated.execute("SELECT ProfileID FROM UserEvent") == [(6,)]


def test_text_fills_its_column_with_any_character(store: Store, migrated: Database) -> None:
    for table, columns in TABLES.items():
        texts = {
            column.name: "🎩é\u0000'\\\"%s"[: column.length] for column in columns if column.kind == "text"
        }
        longest = {column.name: "🎩" * column.length for column in columns if column.kind == "text"}

        assert store.send_many([task_of(table, **texts), task_of(table, **longest)]) == [None, None]

        names = ", ".join(texts)
        found = migrated.execute(f"SELECT {names} FROM {table} ORDER BY EventID")  # noqa: S608
        assert found == [tuple(texts.values()), tuple(longest.values())]


def test_numbers_keep_every_digit(store: Store, migrated: Database) -> None:
    amounts = ["999999999999999.9999", "-999999999999999.9999", "0.0001", "123456789012345.6789"]
    for amount in amounts:
        store.send(task_of("PurchaseEvent", GrossAmount=amount))
    store.send_many([task_of("ItemEvent", PriceGold=2**31 - 1, PriceSilver=-(2**31))])

    found = migrated.execute("SELECT GrossAmount FROM PurchaseEvent ORDER BY EventID")
    assert [str(amount) for (amount,) in found] == amounts
    assert migrated.execute("SELECT PriceGold, PriceSilver FROM ItemEvent") == [(2**31 - 1, -(2**31))]


def test_a_database_without_strict_mode_still_refuses_what_does_not_fit(
    store: Store, migrated: Database
) -> None:
    assert migrated.execute("SELECT @@GLOBAL.sql_mode") == [("",)]
    migrated.execute(
        "ALTER TABLE UserEvent MODIFY Referrer VARCHAR(3) NOT NULL, MODIFY ProfileID SMALLINT NOT NULL"
    )
    calls = [task_of("UserEvent", Referrer="ad", ProfileID=number) for number in range(100)]
    calls[17] = task_of("UserEvent", Referrer="too long")
    calls[42] = task_of("UserEvent", Referrer="ad", ProfileID=40_000)

    outcomes = store.send_many(calls)

    assert [index for index, outcome in enumerate(outcomes) if isinstance(outcome, Refused)] == [17, 42]
    assert sum(outcome is None for outcome in outcomes) == 98
    profiles = [
        profile for (profile,) in migrated.execute("SELECT ProfileID FROM UserEvent ORDER BY EventID")
    ]
    assert profiles == [number for number in range(100) if number not in (17, 42)]


def test_a_latin_table_of_the_owner_refuses_an_emoji_alone(store: Store, migrated: Database) -> None:
    migrated.execute("ALTER TABLE UserEvent CONVERT TO CHARACTER SET latin1")

    outcomes = store.send_many([task_of("UserEvent", Message="ça"), task_of("UserEvent", Message="🎩")])

    assert outcomes[0] is None
    assert isinstance(outcomes[1], Refused)
    assert migrated.execute("SELECT Message FROM UserEvent") == [("ça",)]


def test_a_send_is_one_round_trip_and_a_batch_one_statement_a_table(store: Store, migrated: Database) -> None:
    store.send(task_of("UserEvent"))
    watching = pymysql.connect(host="127.0.0.1", port=migrated.server.port, user="root", autocommit=True)

    def statements() -> int:
        with watching.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
            return int((cursor.fetchone() or ("", 0))[1])

    with watching:
        before = statements()
        store.send(task_of("UserEvent"))
        store.send_many([task_of(table) for table in TABLES for _ in range(50)])
        assert statements() - before == 1 + 4 + 1


def test_a_connection_that_the_server_killed_is_opened_again(store: Store, migrated: Database) -> None:
    store.send(task_of("UserEvent"))
    [connection] = migrated.connections()
    migrated.execute(f"KILL {connection}")

    assert store.send(task_of("UserEvent")).status == 201
    assert migrated.count("UserEvent") == 2


def test_a_restarted_server_is_found_again(store: Store, migrated: Database, mariadb: MariaDb) -> None:
    store.send(task_of("UserEvent"))
    mariadb.stop()
    try:
        outcomes = store.send_many([task_of("UserEvent"), task_of("ItemEvent")])
        # The statement was lost with a live connection, and the second try found nobody.
        assert [(type(outcome), getattr(outcome, "reason", "")) for outcome in outcomes] == [
            (Transient, "unreachable"),
            (Transient, "unreachable"),
        ]
        with pytest.raises(Transient) as caught:
            store.send(task_of("UserEvent"))
        assert not caught.value.may_have_arrived
    finally:
        mariadb.start()

    assert store.send(task_of("UserEvent")).status == 201
    assert migrated.count("UserEvent") == 2


def test_an_idle_connection_is_not_used_again(
    store: Store, migrated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.send(task_of("UserEvent"))
    first = migrated.connections()
    store.send(task_of("UserEvent"))
    assert migrated.connections() == first

    monkeypatch.setattr(mysql, "IDLE_SECONDS", 0.0)
    store.send(task_of("UserEvent"))
    until(lambda: len(migrated.connections()) == 1)  # the server takes a moment to forget the other
    assert migrated.connections() != first


def test_a_send_with_less_time_keeps_its_deadline(opened: Opener, migrated: Database) -> None:
    with relay_to(migrated.server.port) as relay:
        store = opened(migrated.url(relay.port))
        store.send(task_of("UserEvent"), seconds=30)
        relay.cut = "silent"
        started = time.monotonic()

        with pytest.raises(Transient):
            store.send(task_of("UserEvent"), seconds=0.9)

        assert time.monotonic() - started < 0.9 + LATE


@pytest.mark.parametrize(
    ("cut", "stored"), [("after the statement", 0), ("before the answer", 1), ("silent", 1)]
)
def test_an_unanswered_row_may_be_sent_again(
    opened: Opener, migrated: Database, cut: Cut, stored: int
) -> None:
    call = task_of("UserEvent")
    with relay_to(migrated.server.port) as relay:
        store = opened(migrated.url(relay.port))
        relay.cut = cut
        started = time.monotonic()

        with pytest.raises(Transient) as caught:
            store.send(call, seconds=3)

        assert time.monotonic() - started < 3 + LATE
        assert caught.value.may_have_arrived
        assert migrated.count("UserEvent") == stored
        assert store.send(call).status == 201
    assert migrated.count("UserEvent") == 1


@pytest.mark.parametrize("cut", ["after the statement", "before the answer"])
def test_a_live_connection_that_is_cut_costs_nothing(opened: Opener, migrated: Database, cut: Cut) -> None:
    with relay_to(migrated.server.port) as relay:
        store = opened(migrated.url(relay.port))
        store.send(task_of("UserEvent"))
        relay.cut = cut

        assert store.send_many([task_of("UserEvent"), task_of("UserEvent")]) == [None, None]
        assert relay.cuts == 1
    assert migrated.count("UserEvent") == 3


def test_a_lock_that_is_held_too_long_is_passing(opened: Opener, migrated: Database) -> None:
    call = task_of("UserEvent")
    store = opened(migrated.url())
    other = pymysql.connect(
        host="127.0.0.1", port=migrated.server.port, user="root", database=migrated.name, autocommit=False
    )
    with other, other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO UserEvent (Created, ProfileID, Region, GatewayEventID) VALUES (NOW(), 1, 'BR', %s)",
            [call.event_id],
        )
        with pytest.raises(Transient) as caught:
            store.send(call, seconds=9)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("lock timeout", False)
    assert store.send(call).status == 201
    assert migrated.count("UserEvent") == 1


def test_a_read_only_server_is_left(store: Store, migrated: Database) -> None:
    store.send(task_of("UserEvent"))
    migrated.execute("SET GLOBAL read_only = 1")
    try:
        with pytest.raises(Transient) as caught:
            store.send(task_of("UserEvent"))
        until(lambda: migrated.connections() == [])
    finally:
        migrated.execute("SET GLOBAL read_only = 0")

    assert (caught.value.reason, caught.value.may_have_arrived) == ("database read-only", False)
    assert store.send(task_of("UserEvent")).status == 201


def test_a_store_makes_no_table(opened: Opener, database: Database) -> None:
    store = opened(database.url())

    with pytest.raises(Setup, match="table missing"):
        store.send(task_of("UserEvent"))

    assert database.execute("SHOW TABLES") == []


def test_a_missing_table_costs_its_own_rows_alone(store: Store, migrated: Database) -> None:
    migrated.execute("DROP TABLE ItemEvent")

    outcomes = store.send_many([task_of("UserEvent"), task_of("ItemEvent"), task_of("PurchaseEvent")])

    assert [type(outcome) for outcome in outcomes] == [type(None), Setup, type(None)]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DROP USER {user}@'127.0.0.1'", "database credential refused"),
        ("ALTER USER {user}@'127.0.0.1' IDENTIFIED BY 'other'", "database credential refused"),
        ("REVOKE ALL ON {name}.* FROM {user}@'127.0.0.1'", "access to the database denied"),
        ("ALTER TABLE UserEvent DROP Message", "column missing"),
        ("ALTER TABLE UserEvent ADD Theirs INT NOT NULL", "table has columns of its own"),
    ],
)
def test_what_is_ours_to_mend_is_a_setup_failure(
    opened: Opener, migrated: Database, statement: str, reason: str
) -> None:
    migrated.execute(statement.format(user=migrated.user, name=migrated.name))

    with pytest.raises(Setup) as caught:
        opened(migrated.url()).send(task_of("UserEvent"))

    assert caught.value.reason == reason


def test_a_server_without_tls_is_not_spoken_to_in_clear(opened: Opener, migrated: Database) -> None:
    with pytest.raises(Setup, match="database without TLS"):
        opened(migrated.url(tls="on")).send(task_of("UserEvent"))


@pytest.mark.programs
def test_tls_needs_a_certificate_that_we_trust(opened: Opener, tmp_path: Path) -> None:
    authority, other = trustme.CA(), trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    other.cert_pem.write_to_path(tmp_path / "other.pem")
    server = MariaDb(tmp_path, f"--ssl-key={tmp_path}/key.pem", f"--ssl-cert={tmp_path}/cert.pem")
    server.start()
    try:
        database = Database(server)
        database.execute(f"ALTER USER {database.user}@'127.0.0.1' REQUIRE SSL")
        migrate(database.url(ssl_ca=str(tmp_path / "ca.pem")))

        assert opened(database.url(ssl_ca=str(tmp_path / "ca.pem"))).send(task_of("UserEvent")).status == 201
        for url in (database.url(ssl_ca=str(tmp_path / "other.pem")), database.url(tls="on")):
            with pytest.raises(Setup, match="certificate not trusted"):
                opened(url).send(task_of("UserEvent"))
        with pytest.raises(Setup, match="credential refused"):
            opened(database.url(tls="off")).send(task_of("UserEvent"))
    finally:
        server.stop()


def test_a_rotated_password_is_looked_up_again(
    opened: Opener, migrated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "LOOK_AGAIN_SECONDS", 0.0)
    secrets = ["p@ss:/word", f"{migrated.user}:new@tcp(elsewhere:1)/track"]
    asked: list[str] = []

    def secret(name: str) -> str:
        asked.append(name)
        return secrets[len(asked) - 1]

    port = migrated.server.port
    url = f"mysql+pymysql://{migrated.user}@127.0.0.1:{port}/{migrated.name}?secret=arn:aws:sm"
    store = opened(url, secret=secret)
    store.send(task_of("UserEvent"))
    store.close()
    migrated.execute(f"ALTER USER {migrated.user}@'127.0.0.1' IDENTIFIED BY 'new'")

    with pytest.raises(Setup):
        store.send(task_of("UserEvent"))
    assert store.send(task_of("UserEvent")).status == 201
    assert asked == ["arn:aws:sm", "arn:aws:sm"]


def test_a_refused_password_is_not_looked_up_with_every_request(opened: Opener, database: Database) -> None:
    asked: list[str] = []

    def secret(name: str) -> str:
        asked.append(name)
        return "wrong"

    store = opened(
        f"mysql+pymysql://{database.user}@127.0.0.1:{database.server.port}/x?secret=db", secret=secret
    )
    for _ in range(3):
        with pytest.raises(Setup, match="credential refused"):
            store.send(task_of("UserEvent"))

    assert asked == ["db"]


def test_a_secret_that_cannot_be_read_keeps_its_own_meaning_and_is_left_alone_for_a_while(
    opened: Opener, database: Database
) -> None:
    asked: list[str] = []

    def secret(name: str) -> str:
        asked.append(name)
        raise Transient("timeout")

    store = opened(f"{database.url()}?secret=db", secret=secret)
    for _ in range(3):
        with pytest.raises(Transient, match="timeout"):
            store.send(task_of("UserEvent"))

    assert asked == ["db"]


def test_the_secret_is_read_from_secrets_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    def post(service: str, action: str, body: dict[str, str], *, seconds: float) -> dict[str, str]:
        assert (service, action, seconds) == ("secretsmanager", "GetSecretValue", 2.0)
        if body["SecretId"] != "db":
            raise AwsError("ResourceNotFoundException", passing=False)
        return {"SecretString": "the password"}

    monkeypatch.setattr(aws, "post", post)

    assert read_secret("db") == "the password"
    with pytest.raises(Setup, match="ResourceNotFoundException"):
        read_secret("other")


def test_on_aws_a_password_in_the_url_is_refused(opened: Opener) -> None:
    with pytest.raises(Setup, match="password"):
        opened("mysql+pymysql://u:p@db/track", environment={"AWS_LAMBDA_FUNCTION_NAME": "f"})


def test_no_error_shows_a_value(store: Store, migrated: Database) -> None:
    migrated.execute("ALTER TABLE UserEvent MODIFY Message VARCHAR(3) NOT NULL")

    with pytest.raises(Refused) as caught:
        store.send(task_of("UserEvent", Message="very private"))

    assert caught.value.reply.body == b"the database refuses the row: error 1406"
    assert "private" not in str(caught.value)
    assert migrated.count("UserEvent") == 0


def test_the_doctor_sees_its_row_and_takes_it_out_again(store: Store, migrated: Database) -> None:
    def client(service: str) -> None:
        raise AssertionError(f"{service} is not asked: the URL names no secret")

    outputs = {"TrackQueueUrl": "queue", "TrackSecretArn": "secret"}
    stack = Stack(name="s", client=client, outputs=outputs, parameters={"EventStore": migrated.url()})
    rows = Rows(stack, "doctor1")
    for session in ("doctor1", "doctor2"):
        store.send(task_of("SessionEvent", SessionID=session))

    assert (rows.count(), rows.remove(), rows.count()) == (1, "", 0)
    assert Rows(stack, "doctor2").count() == 1
