"""Several OneSignal apps in one stack, as an operator sets them up, and looks after them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.message import HttpRequest
from gateway.core.task import DeliveryTask
from tests.operator.conftest import World, make_task, permitted, wide, world
from tools.errors import CommandError
from tools.operator import accounts
from tools.operator.doctor.resources.accounts import named_accounts, uses_own_account
from tools.operator.vendor_credentials import account_settings, vendor_check
from tools.operator.vendor_credentials.own_credential import Verdict
from tools.systems.registry import profile

__all__ = ["make_task", "permitted", "wide", "world"]

IOS = "5eb5a37e-b458-11e3-ac11-000c2940e62c"
ANDROID = "92911750-242d-4260-9e00-9d9034f139ce"
KEY = ("keys", "create", "ios", "--system", "onesignal")
SET = ("secrets", "set", "--system", "onesignal")


@pytest.fixture
def apps(world: World) -> World:
    """A stack that takes no event without a client key."""
    world.stack.parameters["OneSignalClientKeys"] = "required"  # type: ignore[index]
    return world


def test_a_key_names_the_app_that_its_events_go_to(apps: World) -> None:
    said = apps.run(*KEY, "--allow", IOS)

    assert apps.secret("onesignal")["client_keys"][0]["allows"] == [IOS]
    assert f"onesignal: its events go to {IOS}." in said.stderr
    assert f"secrets set --system onesignal --account {IOS}" in said.stderr
    assert IOS in apps.run("keys", "list").stdout


def test_an_app_that_has_a_credential_needs_no_other(apps: World) -> None:
    apps.run(*SET, "--account", IOS, text="of-ios")

    assert "no credential" not in apps.run(*KEY, "--allow", IOS).stderr


def test_a_key_for_the_stacks_own_app_is_made_as_before(world: World) -> None:
    said = world.run(*KEY, "--allow", "*").stderr

    assert "onesignal: its events go to the stack's own app." in said


def test_a_key_has_one_app_and_what_other_systems_have(apps: World) -> None:
    apps.run(*KEY, "--system", "mytracker", "--allow", "123", "--allow", IOS, "--allow", "45")
    assert apps.secret("onesignal")["client_keys"][0]["allows"] == ["123", IOS, "45"]

    said = apps.run(*KEY, "--allow", IOS, "--allow", ANDROID, code=1)
    assert (said.stdout, len(apps.secret("onesignal")["client_keys"])) == ("", 1)
    assert "create one key per app" in said.output


def test_rotation_keeps_the_app(apps: World) -> None:
    old = apps.run(*KEY, "--allow", IOS).stdout.strip()

    apps.run("keys", "rotate", old.split("_")[1])

    assert [key["allows"] for key in apps.secret("onesignal")["client_keys"]] == [[IOS], [IOS]]


@pytest.mark.parametrize("keys", ["off", "report", None])
def test_several_apps_need_a_key_with_every_event(world: World, keys: str | None) -> None:
    if keys:
        world.stack.parameters["OneSignalClientKeys"] = keys  # type: ignore[index]

    for command in ((*KEY, "--allow", IOS), (*SET, "--account", IOS)):
        said = world.run(*command, text="of-ios", code=1)
        assert said.stdout == ""
        assert f"OneSignalClientKeys is {keys or 'off'}" in said.output
        assert 'deploy with OneSignalClientKeys = "required"' in said.output
    assert world.secret("onesignal") == {"credentials": {}, "client_keys": []}


@pytest.mark.parametrize("app", ["123", "my-app", IOS.upper(), f"{IOS}\n", IOS[:-1], IOS.replace("-", "")])
def test_an_app_is_a_uuid_in_lower_case(apps: World, app: str) -> None:
    for command in ((*KEY, "--allow", app), (*SET, "--account", app)):
        assert "a UUID in lower case" in apps.run(*command, text="c", code=1).output


def test_a_model_stands_beside_a_credential(apps: World) -> None:
    apps.run(*SET, text="of-our-own")
    apps.run(*SET, "--account", IOS, "--setting", "model=users", text="of-ios")
    said = apps.run(*SET, "--account", ANDROID, text="of-android").stdout

    assert apps.secret("onesignal") == {
        "credentials": {"*": "of-our-own", IOS: "of-ios", ANDROID: "of-android"},
        "client_keys": [],
        "accounts": {IOS: {"model": "users"}},
    }
    assert said == f"onesignal has a credential for {ANDROID}.\n"


def test_a_model_changes_while_the_credential_stays_and_the_other_way_round(apps: World) -> None:
    apps.run(*SET, "--account", IOS, "--setting", "model=users", text="first")
    said = apps.run(*SET, "--account", IOS, "--setting", "model=players", text="\n").stdout
    assert "model = players" in said
    apps.run(*SET, "--account", IOS, text="second")

    assert apps.secret("onesignal")["credentials"] == {IOS: "second"}
    assert apps.secret("onesignal")["accounts"] == {IOS: {"model": "players"}}

    apps.run(*SET, "--account", IOS, "--setting", "model=", text="")
    assert apps.secret("onesignal")["accounts"] == {IOS: {}}


def test_a_model_alone_is_not_enough_for_a_new_app(apps: World) -> None:
    said = apps.run(*SET, "--account", IOS, "--setting", "model=users", text="", code=1).output

    assert "no credential" in said
    assert apps.secret("onesignal") == {"credentials": {}, "client_keys": []}


@pytest.mark.parametrize(
    ("system", "account", "setting", "reason"),
    [
        ("onesignal", IOS, "model=Users", "players or users"),
        ("onesignal", IOS, "model", "NAME=VALUE"),
        ("onesignal", IOS, "app_id=x", "which has model"),
        ("onesignal", "*", "model=users", "name it with --account"),
        ("mytracker", "123", "model=users", "mytracker has no settings"),
        ("track", "*", "model=users", "track has no settings"),
    ],
)
def test_what_an_account_cannot_be_set_to(
    apps: World, system: str, account: str, setting: str, reason: str
) -> None:
    before = apps.secret(system)
    options = ("--account", account, "--setting", setting)

    assert reason in apps.run("secrets", "set", "--system", system, *options, text="c", code=1).output
    assert apps.secret(system) == before


def test_settings_that_somebody_broke_are_not_overwritten_unseen() -> None:
    with pytest.raises(CommandError, match="fix it by hand"):
        account_settings.stored({"accounts": ["users"]}, IOS, {"model": "users"})

    repaired = account_settings.stored({"accounts": {IOS: 5, ANDROID: 6}}, IOS, {"model": "users"})
    assert repaired == {"accounts": {IOS: {"model": "users"}, ANDROID: 6}}


def test_each_app_is_asked_about_with_its_own_credential(
    apps: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(stack: Any, system: str, account: str, credential: str) -> Verdict:
        return Verdict("accepted", f"{account} {credential}")

    monkeypatch.setattr(vendor_check, "ask_vendor", asked)
    document = {
        "credentials": {"*": "of-our-own", IOS: "of-ios", ANDROID: "of-android"},
        "accounts": {ANDROID: {"model": "both"}},
    }
    apps.stack.client("secretsmanager").put_secret_value(
        SecretId=apps.stack.secret("onesignal"), SecretString=json.dumps(document)
    )

    def rows(*options: str, code: int) -> dict[str, tuple[str, str]]:
        said = apps.run("secrets", "check", "--system", "onesignal", "--json", *options, code=code)
        read = map(json.loads, said.stdout.splitlines())
        return {row["account"]: (row["verdict"], row["reason"]) for row in read}

    assert rows(code=1) == {
        "*": ("accepted", "* of-our-own"),
        IOS: ("accepted", f"{IOS} of-ios"),
        ANDROID: ("unusable", "model must be players or users"),
    }
    other = IOS.replace("5", "6")
    assert rows("--account", other, code=1)[other][0] == "absent"
    assert rows("--account", IOS, code=0) == {IOS: ("accepted", f"{IOS} of-ios")}


def test_which_app_a_credential_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.systems.onesignal.profile import PROFILE

    assert PROFILE.credential_check is not None
    for account, app in (("*", "our-own"), (IOS, IOS)):
        request = PROFILE.credential_check({"AppId": "our-own"}.__getitem__, account, "c")
        assert f"app_id={app}&" in request.target


def key(name: str, *allows: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "sha256": "…", "allows": list(allows), "expires": None, **more}


@pytest.mark.parametrize(
    ("document", "keys", "expected"),
    [
        ({"credentials": {"*": "c"}, "client_keys": [key("own", "*", "123")]}, "off", {}),
        (
            {"credentials": {IOS: "c"}, "client_keys": [key("ios", IOS)]},
            "required",
            {f"onesignal app {IOS}": ("ok", "")},
        ),
        (
            {"credentials": {"*": "c"}, "client_keys": [key("ios", IOS)]},
            "required",
            {f"onesignal app {IOS}": ("finding", f"secrets set --system onesignal --account {IOS}")},
        ),
        (
            {"credentials": {"*": "c"}, "client_keys": [key("over", IOS, expires=1), key("x", expires="y")]},
            "required",
            {},
        ),
        (
            {"credentials": {IOS: "c"}, "client_keys": []},
            "report",
            {f"onesignal app {IOS}": ("finding", "require client keys")},
        ),
        (
            {"credentials": {IOS: "c", ANDROID: "d"}, "accounts": {IOS: {"model": "none"}}},
            "required",
            {f"onesignal app {IOS}": ("finding", "--setting"), f"onesignal app {ANDROID}": ("ok", "")},
        ),
        (
            {"credentials": {IOS: "c", ANDROID: "d"}, "client_keys": [key("both", IOS, ANDROID)]},
            "required",
            {
                "onesignal client key both": ("finding", "create one key per app"),
                f"onesignal app {IOS}": ("ok", ""),
                f"onesignal app {ANDROID}": ("ok", ""),
            },
        ),
    ],
)
def test_what_the_doctor_says_of_apps(
    document: dict[str, Any], keys: str, expected: dict[str, tuple[str, str]]
) -> None:
    rows = {row.what: row for row in named_accounts("onesignal", document, wanted=keys, now=time.time())}

    assert rows.keys() == expected.keys()
    for what, (level, do) in expected.items():
        assert (rows[what].level, do in rows[what].do) == (level, True)


@pytest.mark.parametrize(
    ("keys", "wanted", "uses"),
    [
        ([], "off", True),
        ([key("ios", IOS)], "report", True),
        ([key("ios", IOS)], "required", False),
        ([key("ios", IOS), key("own", "*")], "required", True),
        ([key("ios", IOS), key("over", "*", expires=1)], "required", False),
    ],
)
def test_the_stacks_own_app_is_used_unless_every_key_names_another(
    keys: list[dict[str, Any]], wanted: str, uses: bool
) -> None:
    document = {"client_keys": keys}

    assert uses_own_account("onesignal", document, wanted=wanted, now=time.time()) is uses
    assert not uses_own_account("mytracker", document, wanted=wanted, now=time.time())


@pytest.mark.parametrize(
    ("model", "only_for"), [("", "track-open"), ("players", "track-open"), ("users", "")]
)
def test_the_users_model_needs_a_credential_for_every_call(model: str, only_for: str) -> None:
    assert profile("onesignal").credential_only_for({"Model": model}.__getitem__) == only_for


def test_systems_whose_requests_name_the_account_have_no_such_rows() -> None:
    document = {"credentials": {"123": "c"}, "client_keys": [key("a", "123", "45")]}
    assert list(named_accounts("mytracker", document, wanted="off", now=0)) == []


def test_a_dead_letter_tells_its_app(world: World, make_task: Callable[..., DeliveryTask]) -> None:
    world.dead_letter(make_task())
    assert " account " not in world.run("deadletters", "list").stdout

    request = HttpRequest(method="PUT", path="/notifications/1", account=IOS)
    task = make_task(endpoint="track_open", payload=request)
    world.dead_letter(task)

    assert f"  {IOS}  " in world.run("deadletters", "list").stdout
    lines = world.run("deadletters", "list", "--json").stdout.splitlines()
    assert {read["endpoint"]: read["account"] for read in map(json.loads, lines)} == {
        "new_session": None,
        "track_open": IOS,
    }
    assert IOS in world.run("deadletters", "show", task.event_id).stdout


def test_keys_made_for_other_systems_projects_stay_possible() -> None:
    assert accounts.checked_for_key(["onesignal", "trax"], ["my-project"]) == ["my-project"]
