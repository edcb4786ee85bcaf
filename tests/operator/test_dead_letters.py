"""Dead letters: looked at without losing one, redriven by sending before deleting, dropped by choice."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.core.message import HttpRequest
from gateway.core.task import DeliveryTask
from gateway.delivery.outcomes import Ending
from tests.operator.conftest import World
from tools.masks import MASK
from tools.operator.client_keys.entries import NewKey
from tools.operator.dead_letters.queue import DeadLetterQueue, Pace
from tools.operator.stack import Stack

MakeTask = Callable[..., DeliveryTask]
LETTER = [
    "id",
    "system",
    "endpoint",
    "account",
    "reason",
    "status",
    "tries",
    "received",
    "expires",
    "dead_since",
    "message_id",
]
"""The names in a letter's JSON, which scripts rely on."""


def test_a_list_counts_by_system_endpoint_and_error(world: World, make_task: MakeTask) -> None:
    for _ in range(12):
        world.dead_letter(make_task(), status=400, body=b"{}")
    world.dead_letter(make_task("track", endpoint="user"), "window over")

    said = " ".join(world.run("deadletters", "list", "--limit", "0").output.split())

    assert "onesignal new_session refused (400) 12" in said
    assert "track user window over 1" in said


def test_a_list_gives_every_letter_back(world: World, make_task: MakeTask) -> None:
    dead_lettered = [world.dead_letter(make_task()) for _ in range(25)]

    world.run("deadletters", "list")
    again = world.run("deadletters", "list", "--json")

    assert len(again.stdout.splitlines()) == 25
    assert sorted(world.dead()) == sorted(dead_lettered)


def test_a_list_that_fails_gives_back_what_it_had(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead_lettered = [world.dead_letter(make_task()) for _ in range(3)]

    def fails(box: DeadLetterQueue) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(DeadLetterQueue, "hidden", property(fails))
    world.run("deadletters", "list", code=130)

    assert sorted(world.dead()) == sorted(dead_lettered)


def test_letters_that_another_command_holds_are_spoken_of(world: World, make_task: MakeTask) -> None:
    world.dead_letter(make_task())
    world.dead()

    assert "1 more are in use by another command" in world.run("deadletters", "list").output


def test_nobodys_data_is_shown_but_with_body(world: World, make_task: MakeTask) -> None:
    task = make_task(player="ada@example.com")
    world.dead_letter(task, status=400, body=b'{"errors":["no ada@example.com"]}')

    for arguments in (["list"], ["list", "--json"], ["show", task.event_id], ["redrive", "--dry-run"]):
        said = world.run("deadletters", *arguments).output
        assert task.event_id in said or "redrive" in arguments
        assert "ada@" not in said
    said = world.run("deadletters", "show", task.event_id, "--body").output
    assert said.count("ada@example.com") == 3  # scope, path, answer
    assert '{"language":"en"}' in said


def test_no_credential_is_shown_even_with_body(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = NewKey().text
    task = make_task(payload=HttpRequest(method="POST", path="/a", headers={}, body=f'"{key}"'.encode()))
    world.dead_letter(task, status=400, body=b"wrong: Basic " + base64.b64encode(b"user:pl4nted-credential"))
    secrets = world.stack.client("secretsmanager")
    secrets.put_secret_value(
        SecretId=world.stack.secret(task.system), SecretString='{"credentials": {"*": "pl4nted-credential"}}'
    )
    show = ("deadletters", "show", task.event_id, "--body")

    for said in (world.run(*show).output, str(json.loads(world.run(*show, "--json").stdout))):
        assert "wrong: Basic dXNlcjp" + MASK in said
        assert key not in said
        assert said.count(MASK) == 2

    def refused(**_: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")

    monkeypatch.setattr(secrets, "get_secret_value", refused)
    said = world.run(*show).output
    assert "credentials are not hidden: These credentials do not allow GetSecretValue" in said
    assert key not in said


def test_headers_are_shown_as_json_not_as_python(world: World, make_task: MakeTask) -> None:
    task = make_task()
    world.dead_letter(task)

    said = world.run("deadletters", "show", task.event_id, "--body").output

    assert '{"Content-Type": "application/json"}' in said


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ([], set()),
        (["--system", "track"], {"session", "purchase", "old"}),
        (["--endpoint", "new_session"], {"purchase", "old", "row"}),
        (["--error", "window"], {"session", "purchase", "old"}),
        (["--error", "409"], {"session", "old", "row"}),
        (["--older", "2h"], {"session", "purchase", "row"}),
        (["--newer", "2h", "--system", "onesignal"], {"old", "row"}),
    ],
)
def test_only_what_is_chosen_is_dropped(
    world: World, make_task: MakeTask, filters: list[str], left: set[str]
) -> None:
    named = {
        "session": world.dead_letter(make_task(), "refused", status=400),
        "purchase": world.dead_letter(make_task(endpoint="new_purchase"), "refused", status=409),
        "old": world.dead_letter(make_task(endpoint="track_open"), "refused", status=404, age=3 * 3600),
        "row": world.dead_letter(make_task("track", endpoint="user"), "window over"),
    }

    world.run("deadletters", "drop", "--yes", *filters)

    assert set(world.dead() + world.dead("track")) == {named[name] for name in left}
    assert sum(
        number for _, name, number in world.cloudwatch.counted if name == "OperatorDropped"
    ) == 4 - len(left)


def record(world: World, task: DeliveryTask, **given: str) -> None:
    """A letter's record as the worker leaves it."""
    item = {"key": task.key, "state": "queued", "fingerprint": task.fingerprint, **given}
    world.stack.client("dynamodb").put_item(
        TableName=world.stack.records(task.system), Item={name: {"S": text} for name, text in item.items()}
    )


def remembered(world: World, system: str = "onesignal") -> set[str]:
    items = world.stack.client("dynamodb").scan(TableName=world.stack.records(system))["Items"]
    return {item["key"]["S"] for item in items}


def test_what_is_dropped_is_promised_no_more(world: World, make_task: MakeTask) -> None:
    dropped, kept = make_task(), make_task(endpoint="new_purchase")
    for task in (dropped, kept):
        world.dead_letter(task)
        record(world, task)

    world.run("deadletters", "drop", "--yes", "--endpoint", "new_session")

    assert remembered(world) == {kept.key}


@pytest.mark.parametrize("given", [{"state": "sending"}, {"state": "done"}, {"fingerprint": "another's"}])
def test_a_record_that_says_something_else_outlives_the_letter(
    world: World, make_task: MakeTask, given: dict[str, str]
) -> None:
    task = make_task()
    world.dead_letter(task, "key reused")
    record(world, task, **given)

    world.run("deadletters", "drop", "--yes")

    assert (world.dead(), remembered(world)) == ([], {task.key})


def test_a_letter_whose_record_cannot_be_deleted_stays(world: World, make_task: MakeTask) -> None:
    text = world.dead_letter(make_task())
    world.stack.client("dynamodb").delete_table(TableName=world.stack.records("onesignal"))

    said = world.run("deadletters", "drop", "--yes", code=1).output

    assert "record cannot be deleted" in said
    assert "onesignal: 0 of 1, 1 not reached" in said
    assert world.dead() == [text]


def test_an_interrupted_drop_leaves_the_letter_to_the_next(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task()
    world.dead_letter(task)
    record(world, task)

    def fails(box: DeadLetterQueue, held: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(DeadLetterQueue, "drop", fails)
        world.run("deadletters", "drop", "--yes", code=130)
    assert remembered(world) == set()
    assert "1 of 1" in world.run("deadletters", "drop", "--yes").output
    assert world.dead() == []


def test_letters_are_dropped_where_there_is_no_table_of_records(world: World, make_task: MakeTask) -> None:
    del world.stack.outputs["OneSignalRecordsName"]  # type: ignore[attr-defined]
    world.dead_letter(make_task())
    world.dead_letter("not a task", "unreadable")

    world.run("deadletters", "drop", "--yes")

    assert world.dead() == []


def test_one_letter_is_chosen_by_its_event_id(world: World, make_task: MakeTask) -> None:
    chosen, other = make_task(), make_task()
    texts = [world.dead_letter(chosen), world.dead_letter(other)]

    world.run("deadletters", "drop", chosen.event_id, "--yes")

    assert world.dead() == [texts[1]]


def test_a_dry_run_and_a_no_change_nothing(world: World, make_task: MakeTask) -> None:
    text = world.dead_letter(make_task())

    world.run("deadletters", "redrive", "--dry-run")
    world.run("deadletters", "drop", "--dry-run", "--yes")
    world.run("deadletters", "redrive", text="n\n", code=1)

    assert (world.queued(), world.dead()) == ([], [text])


def test_what_is_redriven_is_the_message_as_it_was(world: World, make_task: MakeTask) -> None:
    texts = [
        world.dead_letter(make_task(age=3 * 86400), "window over"),
        world.dead_letter("not a task", "unreadable"),
    ]

    world.run("deadletters", "redrive", "--yes")

    assert sorted(world.queued()) == sorted(texts)
    assert world.dead() == []
    assert world.cloudwatch.counted == [("onesignal", "Redriven", 2)]


def used_up(
    world: World,
    task: DeliveryTask,
    *,
    state: str = "queued",
    lease: float = 0,
    fingerprint: str | None = None,
) -> None:
    """A record of an event whose tries with an unknown outcome are used up."""
    world.stack.client("dynamodb").put_item(
        TableName=world.stack.records(task.system),
        Item={
            "key": {"S": task.key},
            "state": {"S": state},
            "fingerprint": {"S": fingerprint or task.fingerprint},
            "lease": {"N": f"{lease:.3f}"},
            "unknown_tries": {"N": "2"},
        },
    )


def unknown_tries(world: World, task: DeliveryTask) -> str | None:
    item = world.stack.client("dynamodb").get_item(
        TableName=world.stack.records(task.system), Key={"key": {"S": task.key}}
    )["Item"]
    found: dict[str, str] = item.get("unknown_tries", {})
    return found.get("N")


def test_what_is_redriven_has_all_its_tries_before_it(world: World, make_task: MakeTask) -> None:
    tasks = redriven, unwritten, busy, others = [make_task() for _ in range(4)]
    for task in tasks:
        world.dead_letter(task, "outcome unknown")
    used_up(world, redriven)
    used_up(world, unwritten, state="sending", lease=time.time() - 1)  # its worker could not say how it ended
    used_up(world, busy, state="sending", lease=time.time() + 60)  # another copy of it, with a worker
    used_up(world, others, fingerprint="another request's")

    world.run("deadletters", "redrive", "--yes")

    assert sorted(world.queued()) == sorted(task.dumps() for task in tasks)
    assert [unknown_tries(world, task) for task in tasks] == [None, None, "2", "2"]


def test_a_letter_whose_record_cannot_be_changed_is_not_redriven(world: World, make_task: MakeTask) -> None:
    text = world.dead_letter(make_task(), "outcome unknown")
    world.stack.client("dynamodb").delete_table(TableName=world.stack.records("onesignal"))

    said = world.run("deadletters", "redrive", "--yes", code=1).output

    assert "record cannot be changed" in said
    assert (world.queued(), world.dead()) == ([], [text])


def test_what_has_expired_is_not_redriven(world: World, make_task: MakeTask) -> None:
    late = world.dead_letter(make_task(expires_in=-1))
    world.dead_letter(make_task(expires_in=60))

    said = world.run("deadletters", "redrive", "--yes").output

    assert "1 have expired by their contract" in said
    assert (len(world.queued()), world.dead()) == (1, [late])


def test_what_may_have_arrived_is_said_before_it_is_sent_again(world: World, make_task: MakeTask) -> None:
    world.dead_letter(make_task(), Ending.OUTCOME_UNKNOWN)
    world.dead_letter(make_task(), "refused", status=400)

    asked = world.run("deadletters", "redrive", text="n\n", code=1)
    dropped = world.run("deadletters", "drop", text="n\n", code=1)

    assert "outcome unknown" in asked.stdout
    assert "1 may already have arrived: redriving can make the vendor count them twice" in asked.stderr
    assert "already have arrived" not in dropped.stderr


@pytest.mark.parametrize("dies_before", ["send_message", "delete_message"])
def test_an_interrupted_redrive_loses_nothing(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch, dies_before: str
) -> None:
    dead_lettered = [world.dead_letter(make_task()) for _ in range(5)]
    real = world.sqs
    steps = 0

    class Dying:
        def __getattr__(self, name: str) -> Any:
            nonlocal steps
            if name == dies_before:
                steps += 1
                if steps == 3:
                    raise KeyboardInterrupt
            return getattr(real, name)

    def dying_queue(stack: Stack, system: str) -> DeadLetterQueue:
        return DeadLetterQueue(
            Dying(), system, dead_letters=stack.dead_letters(system), queue=stack.queue(system)
        )

    with monkeypatch.context() as dying:
        dying.setattr("tools.operator.dead_letters.commands.dead_letter_queue", dying_queue)
        world.run("deadletters", "redrive", "--yes", "--system", "onesignal", code=130)
    world.run("deadletters", "redrive", "--yes", "--system", "onesignal")

    queued = world.queued()
    assert set(queued) == set(dead_lettered)
    assert len(queued) == (5 if dies_before == "send_message" else 6)  # the sixth is its record's to drop
    assert world.dead() == []


def test_what_dies_again_meanwhile_is_left_alone(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.dead_letter(make_task())
    real = DeadLetterQueue.redrive
    redriven = []

    def redrive(box: DeadLetterQueue, held: Any) -> None:
        real(box, held)
        redriven.append(held)
        world.dead_letter(held.letter.task)

    monkeypatch.setattr(DeadLetterQueue, "redrive", redrive)
    world.run("deadletters", "redrive", "--yes")

    assert len(redriven) == 1
    assert len(world.dead()) == 1


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "1e9"])
def test_a_rate_that_is_none_is_refused(world: World, rate: str) -> None:
    assert "--rate" in world.run("deadletters", "redrive", "--rate", rate, code=2).output


def test_a_rate_is_kept() -> None:
    pace = Pace(50)
    started = time.monotonic()

    for _ in range(6):
        pace.wait()

    assert time.monotonic() - started >= 5 / 50


def test_an_unknown_system_and_an_unknown_letter_are_told(world: World) -> None:
    assert "no system mixpanel" in world.run("deadletters", "list", "--system", "mixpanel", code=1).output
    assert "No dead letter" in world.run("deadletters", "show", "01M7XV1KH7N9A1ETJ0K4YG3B92", code=1).output


@pytest.mark.parametrize("command", ["redrive", "drop"])
def test_an_unknown_id_ends_with_1_and_is_named(world: World, make_task: MakeTask, command: str) -> None:
    known, unknown = make_task(), "01M7XV1KH7N9A1ETJ0K4YG3B92"
    world.dead_letter(known)

    alone = world.run("deadletters", command, unknown, "--yes", code=1)
    filtered = world.run("deadletters", command, known.event_id, "--system", "track", "--yes", code=1)
    dry = world.run("deadletters", command, unknown, known.event_id, "--dry-run", code=1)
    both = world.run("deadletters", command, unknown, known.event_id, "--yes", code=1)

    for said in (alone, dry, both):
        assert f"No dead letter has the id {unknown}: `bin/trackgate trace` shows what became" in said.stderr
    assert f"No dead letter has the id {known.event_id}: " in filtered.stderr
    assert "onesignal: 1 of 1" in both.stderr
    assert world.dead() == []


@pytest.mark.parametrize("command", ["redrive", "drop"])
def test_what_a_command_chooses_is_said_in_json_too(world: World, make_task: MakeTask, command: str) -> None:
    task = make_task()
    world.dead_letter(task, status=400)

    dry = world.run("deadletters", command, "--dry-run", "--json").stdout
    done = world.run("deadletters", command, "--yes", "--json").stdout

    assert dry == done
    assert json.loads(done)["id"] == task.event_id


def test_a_letter_that_cannot_be_read_keeps_nobody_from_the_others(world: World, make_task: MakeTask) -> None:
    world.dead_letter(make_task())
    world.sqs.send_message(
        QueueUrl=world.stack.dead_letters("onesignal"), MessageBody='{"letter": 1, "message": "m"}'
    )

    said = world.run("deadletters", "list").stdout
    lines = world.run("deadletters", "list", "--json").stdout.splitlines()
    odd = next(read for read in map(json.loads, lines) if read["reason"] == "unreadable letter")
    shown = world.run("deadletters", "show", odd["id"], "--body").stdout
    world.run("deadletters", "drop", odd["id"], "--yes")

    assert "unreadable letter" in said
    assert '{"letter": 1, "message": "m"}' in shown
    assert len(world.dead()) == 1


def test_one_letter_is_shown_in_json(world: World, make_task: MakeTask) -> None:
    task = make_task()
    world.dead_letter(task, status=400, body=b"no")

    short = json.loads(world.run("deadletters", "show", task.event_id, "--json").stdout)
    full = json.loads(world.run("deadletters", "show", task.event_id, "--json", "--body").stdout)

    assert list(short) == [*LETTER, "key"]
    assert set(full) - set(short) == {
        "scope", "method", "path", "query", "headers", "body", "upstream_said"
    }  # fmt: skip
    assert (full["body"], full["upstream_said"]) == ('{"language":"en"}', "no")


def test_an_id_can_be_copied_from_a_narrow_list(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task(endpoint="increment_session_length")
    world.dead_letter(task, status=400)
    monkeypatch.setattr("tools.operator.output.out.width", 70)

    assert task.event_id in world.run("deadletters", "list").output


def test_a_line_of_json_is_one_letter(world: World, make_task: MakeTask) -> None:
    task = make_task(expires_in=60)
    world.dead_letter(task, status=400)

    (line,) = world.run("deadletters", "list", "--json").stdout.splitlines()

    read = json.loads(line)
    assert list(read) == LETTER
    assert (read["id"], read["status"], read["tries"]) == (task.event_id, 400, 3)
