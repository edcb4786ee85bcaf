"""What becomes of a call that its upstream does not take: queued, delivered later or given up, and once."""

import json
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
import requests

from gateway.delivery.dead_letters import DeadLetter
from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from gateway.system import System
from tests.architecture.house import ENDPOINTS, SYSTEMS, Function
from tests.deployment.test_functions import function_named
from tests.profiles import profiles, vendors
from tests.sample_events import load_event
from tests.until import until
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox

SECONDS = 60


@dataclass
class Deployed:
    """The deployed API with its queues, and upstreams that behave as scripted."""

    local: LocalStack
    sandbox: Sandbox
    player: str = field(default_factory=lambda: str(uuid4()))

    def ask(self, key: str | None = None, **body: Any) -> requests.Response:
        """A new session of a player of this test's own."""
        return requests.post(
            f"{self.local.url}/onesignal/new-session",
            json={"player_id": self.player, **body},
            headers={"Idempotency-Key": key} if key else {},
            timeout=SECONDS,
        )

    def fails(self, times: int, status: int = 503, **answer: Any) -> None:
        """Let OneSignal fail for its next calls."""
        self.sandbox.fault("status", system="onesignal", next=times, status=status, **answer)

    def resource(self, logical_id: str) -> str:
        """What a name of the template became."""
        return self.local.deployed.resources[logical_id]

    def waiting(self, queue: str) -> int:
        """Messages in a queue, the hidden ones too."""
        found = self.local.client("sqs").get_queue_attributes(
            QueueUrl=self.resource(queue),
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(count) for count in found["Attributes"].values())

    def upstream_statuses(self) -> list[int | None]:
        """What OneSignal answered to each call for this player."""
        return [entry.status for entry in self.sandbox.ledger("onesignal") if self.player in entry.path]


@pytest.fixture
def api(local: LocalStack) -> Iterator[Deployed]:
    """See Deployed. Other tests leave calls in the queues."""
    queues = [
        url for name, url in local.deployed.resources.items() if name.endswith(("Queue", "DeadLetters"))
    ]
    for url in queues:
        local.client("sqs").purge_queue(QueueUrl=url)
    sandbox = Sandbox(local.sandbox_url)
    sandbox.reset()
    yield Deployed(local, sandbox)
    sandbox.clear_faults()


def test_what_an_upstream_does_not_take_is_delivered_when_it_is_back(api: Deployed) -> None:
    api.fails(2)

    answer = api.ask()

    assert (answer.status_code, answer.headers["Gateway-Delivery"]) == (202, "queued")
    assert answer.json() == {"message": "session updated", "response": {"success": True, "queued": True}}
    until(lambda: api.upstream_statuses() == [503, 503, 200])
    until(lambda: api.waiting("OneSignalQueue") == 0)
    assert api.waiting("OneSignalDeadLetters") == 0


def test_what_an_upstream_refuses_later_is_a_dead_letter_with_its_reason(api: Deployed) -> None:
    api.fails(1)
    error_answer = {"errors": ["Invalid player_id"]}
    api.fails(1, status=400, body=error_answer, headers={"Content-Type": "application/json"})

    answer = api.ask()

    until(lambda: api.waiting("OneSignalDeadLetters") == 1)
    (found,) = api.local.client("sqs").receive_message(QueueUrl=api.resource("OneSignalDeadLetters"))[
        "Messages"
    ]
    letter = DeadLetter.loads(found["Body"])
    assert (letter.reason, letter.status, letter.receives) == ("refused", 400, 1)
    assert json.loads(letter.body or b"") == error_answer
    assert letter.task is not None
    assert letter.task.event_id == answer.headers["Gateway-Event-Id"]
    until(lambda: api.waiting("OneSignalQueue") == 0)


def test_what_may_have_arrived_is_sent_a_bounded_number_of_times(api: Deployed) -> None:
    """A vendor that takes each purchase and answers with a page of HTML."""
    api.sandbox.fault("html", system="onesignal", share=1, taken=True)
    purchase = {"sku": "gems", "amount": "1.99", "iso": "USD"}

    answer = requests.post(
        f"{api.local.url}/onesignal/new-purchase",
        json={"player_id": api.player, "purchaseData": {"purchases": [purchase]}},
        headers={"Idempotency-Key": api.player},
        timeout=SECONDS,
    )

    assert (answer.status_code, answer.headers["Gateway-Delivery"]) == (202, "queued")
    until(lambda: api.waiting("OneSignalDeadLetters") == 1)
    until(lambda: api.waiting("OneSignalQueue") == 0)
    taken = [entry.verdict for entry in api.sandbox.ledger("onesignal") if api.player in entry.path]
    assert taken == ["taken"] * 3  # by the call, and by two tries from the queue
    (found,) = api.local.client("sqs").receive_message(QueueUrl=api.resource("OneSignalDeadLetters"))[
        "Messages"
    ]
    assert DeadLetter.loads(found["Body"]).reason == "outcome unknown"


def test_the_same_key_and_request_is_answered_again_and_not_sent_again(api: Deployed) -> None:
    first, again = api.ask("once", tags={"level": "1"}), api.ask("once", tags={"level": "1"})

    assert (first.status_code, first.headers["Gateway-Delivery"]) == (200, "delivered")
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert again.headers["Gateway-Delivery"] == "delivered"
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert api.upstream_statuses() == [200]


def test_a_promise_is_repeated_and_kept_once(api: Deployed) -> None:
    api.fails(2)

    first = api.ask("promised")
    # 409 while the worker is at it.
    again = until(lambda: answer if (answer := api.ask("promised")).status_code != 409 else None)

    assert [answer.status_code for answer in (first, again)] == [202, 202]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Gateway-Delivery"] == "queued"
    until(lambda: api.upstream_statuses() == [503, 503, 200])
    late = until(lambda: answer if (answer := api.ask("promised")).status_code != 409 else None)
    assert (late.status_code, late.headers["Gateway-Delivery"]) == (202, "queued"), "as first answered"
    assert api.upstream_statuses() == [503, 503, 200]


def test_a_key_is_not_for_another_request(api: Deployed) -> None:
    api.ask("taken", tags={"level": "1"})

    other = api.ask("taken", tags={"level": "2"})

    assert (other.status_code, other.headers["Gateway-Delivery"]) == (422, "rejected")
    assert api.upstream_statuses() == [200]


def test_a_key_that_is_being_worked_on_is_told_so(api: Deployed) -> None:
    """A call that may take its time: the second one finds it at work even if it has to start a process."""
    api.sandbox.fault("delay", system="pushexpress", next=1, seconds=8)

    def create() -> requests.Response:
        url = f"{api.local.url}/api/r/v2/apps/20523-1212/instances"
        headers = {"Idempotency-Key": api.player}
        return requests.post(url, json={"ic_token": "x"}, headers=headers, timeout=SECONDS)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(create)
        api.sandbox.wait_for(1, "pushexpress")
        second = create()

    assert (second.status_code, second.headers["Gateway-Delivery"]) == (409, "rejected")
    assert int(second.headers["Retry-After"]) >= 1
    assert (first.result().status_code, first.result().headers["Gateway-Delivery"]) == (200, "delivered")
    assert [entry.status for entry in api.sandbox.ledger("pushexpress")] == [200]


def test_a_call_that_comes_twice_from_the_queue_is_sent_once(api: Deployed) -> None:
    text = _call_of(function_named("OneSignalNewSession")).dumps()

    for _ in range(2):
        api.local.client("sqs").send_message(QueueUrl=api.resource("OneSignalQueue"), MessageBody=text)

    until(lambda: api.waiting("OneSignalQueue") == 0)
    assert [entry.status for entry in api.sandbox.ledger("onesignal")] == [200]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_worker_delivers_what_its_queue_holds(api: Deployed, system: str) -> None:
    typical = profiles()[system].typical
    (function,) = (one for one in ENDPOINTS if (one.folder, one.name) == (system, typical))
    # A key of its own: another test may have sent the same event, which would be a repeat.
    task = replace(_call_of(function), key=secrets.token_hex(32))
    variables: Mapping[str, Any] = api.local.template.queues
    queue = variables[system]

    api.local.client("sqs").send_message(QueueUrl=api.resource(queue), MessageBody=task.dumps())

    until(lambda: api.waiting(queue) == 0)
    assert api.waiting(queue.replace("Queue", "DeadLetters")) == 0
    record = api.local.client("dynamodb").get_item(
        TableName=api.resource(queue.replace("Queue", "Records")), Key={"key": {"S": task.key}}
    )
    claims = System.named(system).claims(task)
    assert record.get("Item", {}).get("state") == ({"S": "done"} if claims else None)
    if system in vendors():
        assert [entry.verdict for entry in api.sandbox.ledger(system)] == ["taken"]


def _call_of(function: Function) -> Any:
    """A new task of an endpoint's sample event."""
    handler = function.load()
    assert isinstance(handler, Endpoint)
    event = load_event(f"{function.folder}/{function.name}")
    request = Request.of(event, max_body=handler.contract.max_body)
    task, _ = handler.task(request)
    return task
