"""Every way to say where the database is, as people and RDS write it."""

import json

import pytest

from gateway.core.errors import Setup
from track.stores.address import Address

URL = "mysql+pymysql://app@db.example:3307/track?secret=arn:aws:secretsmanager:eu-west-1:1:secret:db"


def test_a_url_says_everything() -> None:
    address = Address.of_url("mysql+pymysql://app:p%40ss@db.example:3307/track?ssl_ca=/ca.pem")

    assert address == Address(
        user="app", password="p@ss", host="db.example", port=3307, database="track", authority="/ca.pem"
    )
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    ("url", "encrypted"),
    [
        ("mysql+pymysql://db.example/track", True),
        ("mysql+pymysql://db.example/track?tls=off", False),
        ("mysql+pymysql://127.0.0.1/track", False),
        ("mysql+pymysql://127.0.0.1/track?tls=on", True),
        ("mysql+pymysql://127.0.0.1/track?ssl_ca=/ca.pem", True),
    ],
)
def test_only_this_machine_is_spoken_to_in_clear(url: str, encrypted: bool) -> None:
    assert Address.of_url(url).encrypted is encrypted


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://h:port/db",
        "mysql+pymysql://h/db?nope=1",
        "mysql+pymysql://h/db?tls=skip-verify",
        "mysql+pymysql://[::1/db",
        "postgresql://h/db",
    ],
)
def test_an_unreadable_url_is_a_setup_failure(url: str) -> None:
    with pytest.raises(Setup):
        Address.of_url(url)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "user:pass@tcp(host:3306)/db",
            Address(user="user", password="pass", host="host", port=3306, database="db"),
        ),
        (
            "user:p@ss:/w(o)rd@tcp(host)/db?charset=utf8&parseTime=true&loc=Local",
            Address(user="user", password="p@ss:/w(o)rd", host="host", port=3306, database="db"),
        ),
        ("tcp([::1]:3307)/db?tls=true", Address(host="::1", port=3307, database="db", tls=True)),
        ("u@unix(/run/my.sock)/db", Address(user="u", socket="/run/my.sock", database="db")),
    ],
)
def test_gos_form(text: str, expected: Address) -> None:
    assert Address.of_go_form(text) == expected


def test_other_text_is_not_gos_form() -> None:
    assert Address.of_go_form("a password") is None


@pytest.mark.parametrize(
    ("secret", "user", "password"),
    [
        ("just-a-password\n", "app", "just-a-password"),
        ("mysql+pymysql://other:whole@elsewhere/db", "app", "whole"),
        ("other:go@tcp(elsewhere:1)/db", "app", "go"),
        (json.dumps({"username": "rds", "password": "rds-pass", "host": "x", "port": 1}), "app", "rds-pass"),
        (json.dumps({"credentials": {"*": "ours"}, "client_keys": []}), "app", "ours"),
        (json.dumps({"credentials": {"*": "other:nested@tcp(x:1)/db"}}), "app", "nested"),
    ],
)
def test_a_secret_completes_the_url_which_wins(secret: str, user: str, password: str) -> None:
    address = Address.of_url(URL).completed(secret)

    assert (address.user, address.password) == (user, password)
    assert (address.host, address.port, address.database) == ("db.example", 3307, "track")


@pytest.mark.parametrize(
    "secret",
    [
        "user:pass@tcp(host:3307)/db",
        "mysql://user:pass@host:3307/db",
        json.dumps({"username": "user", "password": "pass", "host": "host", "port": 3307, "dbname": "db"}),
    ],
)
def test_a_secret_may_hold_the_whole_address(secret: str) -> None:
    address = Address.of_url("mysql+pymysql:///?secret=db").completed(secret)

    assert (address.user, address.password, address.host) == ("user", "pass", "host")
    assert (address.port, address.database, address.encrypted) == (3307, "db", True)


@pytest.mark.parametrize("secret", ["{", '{"username": "u"}', '{"password": "p", "port": "x"}'])
def test_an_unreadable_secret_is_a_setup_failure(secret: str) -> None:
    with pytest.raises(Setup):
        Address.of_url(URL).completed(secret)
