"""A system's secret: read once, kept, served stale, looked at again after a refusal; and who may call."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.core.account import Account
from gateway.core.errors import ClientKeyNotAllowed, ClientKeyRefused, ClientKeysUnavailable, Setup
from gateway.inbound.client_keys import Client, admit
from gateway.outbound import aws
from gateway.outbound.secrets import SystemSecret

APP = Account(
    "app",
    "[a-z]",
    "a letter",
    named_by_key=True,
    own_credential=True,
    settings={"model": ("players", "users")},
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Manager:
    """Secrets Manager as `aws.post` sees it."""

    def __init__(self) -> None:
        self.document: Any = {"credentials": {"*": "everyone's", "p": "p's"}, "client_keys": []}
        self.down = False
        self.reads = 0

    def __call__(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        assert (service, action, body) == ("secretsmanager", "GetSecretValue", {"SecretId": "s"})
        self.reads += 1
        if self.down:
            raise aws.AwsError("timeout", passing=True)
        return {
            "SecretString": self.document if isinstance(self.document, str) else json.dumps(self.document)
        }


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    manager = Manager()
    monkeypatch.setattr(aws, "post", manager)
    return manager


def test_one_thread_fetches_it_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Manager):
        def __call__(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
            time.sleep(0.02)
            return super().__call__(service, action, body, seconds=seconds)

    manager = Slow()
    monkeypatch.setattr(aws, "post", manager)
    secret = SystemSecret("s")

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: secret.credential(), range(10)))

    assert (found, manager.reads) == (["everyone's"] * 10, 1)


def test_a_credential_is_an_accounts_own_else_everyones(manager: Manager) -> None:
    secret = SystemSecret("s")

    assert (secret.credential("p"), secret.credential("q"), secret.credential()) == (
        "p's",
        "everyone's",
        "everyone's",
    )
    assert manager.reads == 1


def test_the_credential_for_all_signs_for_no_account_that_must_have_its_own(manager: Manager) -> None:
    secret = SystemSecret("s", APP)

    assert (secret.credential(), secret.credential("p")) == ("everyone's", "p's")
    with pytest.raises(Setup, match="no credential"):
        secret.credential("q")


def test_it_is_kept_five_minutes_and_then_served_stale(manager: Manager) -> None:
    clock = Clock()
    secret = SystemSecret("s", clock=clock)
    secret.prepare()
    manager.down = True
    clock.now += 299
    secret.credential()
    assert manager.reads == 1

    clock.now += 2
    assert secret.credential("p") == "p's"
    assert (
        secret.credential("p") == "p's"
    )  # and a secret that cannot be read does not cost every request a try
    assert manager.reads == 2


def test_a_refused_credential_is_read_again_at_most_every_ten_seconds(manager: Manager) -> None:
    clock = Clock()
    secret = SystemSecret("s", clock=clock)
    secret.prepare()
    manager.document = {"credentials": {"*": "rotated"}}
    clock.now += 10
    secret.refused()
    assert manager.reads == 1
    assert secret.credential() == "rotated"

    secret.refused()
    assert secret.credential() == "rotated"
    assert manager.reads == 2


def test_an_account_whose_credential_is_refused_costs_the_others_nothing(manager: Manager) -> None:
    clock = Clock()
    secret = SystemSecret("s", APP, clock=clock)
    manager.document = {"credentials": {"*": "everyone's", "p": "p's", "q": "q's"}}
    secret.prepare()
    clock.now += 10
    secret.refused("p")
    for _ in range(10):
        clock.now += 1
        assert (secret.credential("q"), secret.credential()) == ("q's", "everyone's")
    assert manager.reads == 1

    assert secret.credential("p") == "p's"
    assert manager.reads == 2


def test_accounts_that_share_a_credential_share_its_refusal(manager: Manager) -> None:
    clock = Clock()
    secret = SystemSecret("s", clock=clock)
    secret.prepare()
    clock.now += 10
    secret.refused("q")
    secret.credential("p")
    assert manager.reads == 1

    secret.credential("r")
    assert manager.reads == 2


def test_an_accounts_settings_stand_beside_its_credential(manager: Manager) -> None:
    manager.document["accounts"] = {"p": {"model": "users"}, "*": {"model": "users"}}
    secret = SystemSecret("s", APP)

    assert [secret.account_settings(account) for account in ("p", "q", "")] == [{"model": "users"}, {}, {}]


def test_broken_settings_are_a_setup_failure_of_their_account_alone(manager: Manager) -> None:
    clock = Clock()
    manager.document["accounts"] = {"p": {"model": "users"}, "q": "users"}
    secret = SystemSecret("s", APP, clock=clock)
    for _ in range(5):
        with pytest.raises(Setup, match="malformed account settings"):
            secret.account_settings("q")
        assert secret.account_settings("p") == {"model": "users"}
    assert manager.reads == 1

    manager.document["accounts"]["q"] = {"model": "players"}
    clock.now += 11
    assert secret.account_settings("q") == {"model": "players"}


def test_an_account_has_no_settings_that_cannot_be_read(manager: Manager) -> None:
    manager.down = True
    with pytest.raises(Setup, match="secret unreadable"):
        SystemSecret("s", APP).account_settings("p")


def test_a_missing_credential_is_looked_for_again_at_most_every_ten_seconds(manager: Manager) -> None:
    clock = Clock()
    secret = SystemSecret("s", clock=clock)
    manager.document = {"credentials": {}}
    secret.prepare()
    manager.document = {"credentials": {"*": "new"}}
    clock.now += 9
    with pytest.raises(Setup):
        secret.credential()
    assert manager.reads == 1

    clock.now += 1
    assert secret.credential() == "new"
    assert manager.reads == 2


@pytest.mark.parametrize("document", [{}, {"credentials": {}}, {"credentials": {"*": ""}}, "not JSON", "[]"])
def test_a_missing_credential_is_a_setup_failure(manager: Manager, document: Any) -> None:
    manager.document = document
    with pytest.raises(Setup):
        SystemSecret("s").credential("p")


def key(text: str, **parts: Any) -> dict[str, Any]:
    return {
        "id": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "allows": ["p"],
        "expires": None,
        **parts,
    }


def test_who_may_call(manager: Manager) -> None:
    manager.document["client_keys"] = [
        key("one"),
        key("all", allows=["*"]),
        key("old", expires=time.time() - 1),
        key("soon", expires=time.time() + 60),
        {"broken": 1},
    ]
    secret = SystemSecret("s")

    assert admit(["one"], "p", secret).id == "one"
    assert admit(["", "nonsense", "soon"], "p", secret).id == "soon"
    assert admit(["all"], "q", secret).id == "all"
    for presented in ([], [""], ["nonsense"], ["old"], ["One"], ["\ud800"]):
        with pytest.raises(ClientKeyRefused):
            admit(presented, "p", secret)
    with pytest.raises(ClientKeyNotAllowed):
        admit(["one"], "q", secret)


def test_the_account_that_a_key_names(manager: Manager) -> None:
    manager.document["client_keys"] = [
        key("own", allows=["*"]),
        key("others", allows=["123", "my-project"]),
        key("p"),
        key("beside", allows=["*", "p", "123"]),
        key("both", allows=["p", "q"]),
    ]
    secret = SystemSecret("s", APP)

    named = {each: admit([each], "", secret).account for each in ("own", "others", "p", "beside")}
    assert named == {"own": "", "others": "", "p": "p", "beside": "p"}
    with pytest.raises(ClientKeyNotAllowed):
        admit(["both"], "", secret)
    assert admit(["both"], "p", SystemSecret("s")) == Client("both")


def test_a_broken_entry_opens_no_door_and_closes_none(manager: Manager) -> None:
    manager.document["client_keys"] = [
        key("text", allows="16667"),
        key("numbers", allows=[666]),
        key("dated", expires="2030-01-01"),
        key("odd", sha256="ü"),
        key("good"),
    ]
    secret = SystemSecret("s")

    assert admit(["good"], "p", secret).id == "good"
    assert admit(["numbers"], "666", secret).id == "numbers"
    with pytest.raises(ClientKeyNotAllowed):
        admit(["text"], "666", secret)
    with pytest.raises(ClientKeyRefused):
        admit(["dated"], "p", secret)


@pytest.mark.parametrize("credential", ["two words", "t\u201cok", "a\r\nHost: x", "a\n"])
def test_a_credential_that_is_no_header_value_is_a_setup_failure(manager: Manager, credential: str) -> None:
    manager.document = {"credentials": {"*": credential}}
    with pytest.raises(Setup, match="malformed credential"):
        SystemSecret("s").credential()


def test_a_new_key_is_seen_at_once_and_guessing_reads_every_five_seconds(manager: Manager) -> None:
    clock = Clock()
    secret = SystemSecret("s", clock=clock)
    secret.prepare()
    manager.document = {"client_keys": [key("new")]}
    clock.now += 5
    assert admit(["new"], "p", secret).id == "new"
    for _ in range(10):
        with pytest.raises(ClientKeyRefused):
            admit(["guess"], "p", secret)
    assert manager.reads == 2


def test_a_revoked_key_is_refused_after_a_minute_and_stale_keys_after_an_hour(manager: Manager) -> None:
    clock = Clock()
    manager.document = {"client_keys": [key("one")]}
    secret = SystemSecret("s", clock=clock)
    assert admit(["one"], "p", secret).id == "one"
    manager.down = True
    clock.now += 3599
    assert admit(["one"], "p", secret).id == "one"
    clock.now += 2
    with pytest.raises(ClientKeysUnavailable):
        admit(["one"], "p", secret)

    manager.down, manager.document = False, {"client_keys": []}
    clock.now += 61
    with pytest.raises(ClientKeyRefused):
        admit(["one"], "p", secret)
