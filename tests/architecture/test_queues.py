"""The queues' numbers: no message is worked on twice at once, and none is lost for being tried often."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.core.settings import Settings
from gateway.delivery.idempotency import KEEP_QUEUED_SECONDS
from gateway.delivery.queue import CAP_SECONDS, SPARING_SECONDS
from gateway.delivery.redelivery import KEEP_SECONDS, WINDOW_SECONDS
from gateway.endpoint import Endpoint
from tests.architecture.house import ENDPOINTS, SYSTEMS, TEMPLATE, WORKERS, Function
from tests.profiles import profiles

DAYS = 24 * 3600
MAX_RECEIVES = 1000
"""Against poison alone: a task is given up by its age, and a day holds about 200 receives."""

RESOURCES: Mapping[str, Mapping[str, Any]] = TEMPLATE.data["Resources"]
QUEUE, TABLE, SOURCE = "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::Lambda::EventSourceMapping"

each_worker = pytest.mark.parametrize("worker", WORKERS, ids=str)
each_system = pytest.mark.parametrize("system", SYSTEMS)


def _of_type(kind: str) -> dict[str, Mapping[str, Any]]:
    return {name: found["Properties"] for name, found in RESOURCES.items() if found["Type"] == kind}


def _named(value: Any) -> str:
    """`!Ref Name`, `!GetAtt Name.Arn`, or the first side of an `!If` around one: `Name`."""
    ((intrinsic, of),) = value.items()
    if intrinsic == "Fn::If":
        return _named(of[1])
    return str(of).split(".")[0]


def _variable(system: str, name: str) -> str:
    """The logical id of the resource that a variable of a system's functions names."""
    return _named(TEMPLATE.environments[system][name.upper()])


def _source(worker: Function) -> Mapping[str, Any]:
    (source,) = (one for one in _of_type(SOURCE).values() if _named(one["FunctionName"]) == worker.logical_id)
    return source


def _queue(worker: Function) -> Mapping[str, Any]:
    return _of_type(QUEUE)[_named(_source(worker)["EventSourceArn"])]


def _dead_letters(queue: Mapping[str, Any]) -> str:
    return _named(queue["RedrivePolicy"]["deadLetterTargetArn"])


def _seconds(worker: Function) -> int:
    return int(worker.properties.get("Timeout", TEMPLATE.data["Globals"]["Function"]["Timeout"]))


def _allowed(function: Function) -> dict[str, set[str]]:
    """The actions of a function's role by the resource that they reach."""
    allowed: dict[str, set[str]] = {}
    for policy in function.properties.get("Policies", []):
        for statement in policy["Statement"]:
            said = statement["Fn::If"][1] if "Fn::If" in statement else statement
            actions = [said["Action"]] if isinstance(said["Action"], str) else said["Action"]
            allowed.setdefault(_named(said["Resource"]), set()).update(actions)
    return allowed


@each_system
def test_a_system_has_a_worker_of_its_own(system: str) -> None:
    (worker,) = (one for one in WORKERS if one.system == system)

    assert worker.logical_id == f"{TEMPLATE.prefixes[system]}Redeliver"
    assert worker.handler == "delivery.redeliver.handler"
    assert worker.properties["Environment"]["Variables"]["SYSTEM"] == system
    assert _named(_source(worker)["EventSourceArn"]) == _variable(system, "queue")


@each_system
def test_what_the_api_queues_is_what_the_worker_takes(system: str) -> None:
    (worker,) = (one for one in WORKERS if one.system == system)
    own = worker.properties["Environment"]["Variables"]

    assert _dead_letters(_queue(worker)) == _named(own["DEAD_LETTERS"])
    assert len({_variable(other, "queue") for other in SYSTEMS}) == len(SYSTEMS)
    assert len({_variable(other, "records") for other in SYSTEMS}) == len(SYSTEMS)


@each_worker
def test_a_message_stays_hidden_while_its_worker_may_still_run(worker: Function) -> None:
    least = 6 * _seconds(worker) + _source(worker).get("MaximumBatchingWindowInSeconds", 0)

    assert _queue(worker)["VisibilityTimeout"] >= least, (
        f"{worker}: VisibilityTimeout of its queue below {least}"
    )


@each_worker
def test_a_worker_has_the_time_for_a_send(worker: Function) -> None:
    longest = float(TEMPLATE.parameters["WaitSeconds"]["MaxValue"])

    # Half of it may be gone with the messages before.
    assert _seconds(worker) >= 2 * (longest + 5), f"{worker}: Timeout"


@each_worker
def test_a_bad_message_does_not_bring_back_the_good_ones(worker: Function) -> None:
    assert _source(worker)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@each_worker
def test_a_large_batch_is_waited_for(worker: Function) -> None:
    source = _source(worker)

    # Lambda refuses a larger one without a window.
    assert source["BatchSize"] <= 10 or source["MaximumBatchingWindowInSeconds"] >= 1


@each_worker
def test_a_worker_is_limited_where_it_is_fed(worker: Function) -> None:
    limit = TEMPLATE.parameters[_named(_source(worker)["ScalingConfig"]["MaximumConcurrency"])]

    assert "ReservedConcurrentExecutions" not in worker.properties, (
        f"{worker}: throttled messages count as received; say ScalingConfig.MaximumConcurrency"
    )
    # What Lambda takes.
    assert (limit["MinValue"], limit["MaxValue"]) == (2, 1000)


@each_worker
def test_what_cannot_be_delivered_waits_a_fortnight_for_an_operator(worker: Function) -> None:
    queue = _queue(worker)
    dead = _of_type(QUEUE)[_dead_letters(queue)]

    assert queue["RedrivePolicy"]["maxReceiveCount"] == MAX_RECEIVES
    assert dead["MessageRetentionPeriod"] == 14 * DAYS
    assert "RedrivePolicy" not in dead, "dead letters go nowhere by themselves"


@each_worker
def test_no_message_is_forgotten_before_it_is_given_up(worker: Function) -> None:
    queue = _queue(worker)
    keeps = queue["MessageRetentionPeriod"]

    # By its age, in the worker, which may see it for the last time a longest wait before.
    assert keeps > KEEP_SECONDS + SPARING_SECONDS > WINDOW_SECONDS
    # A message that kills its worker is hidden for the whole timeout at each receive. SQS moves it with its
    # age, so that it must have days left among the dead letters.
    assert keeps - MAX_RECEIVES * queue["VisibilityTimeout"] > 7 * DAYS


def test_a_day_of_tries_stays_far_below_the_receives_that_a_queue_allows() -> None:
    assert 5 * WINDOW_SECONDS / CAP_SECONDS < MAX_RECEIVES


def test_a_record_outlives_its_dead_letter() -> None:
    assert KEEP_QUEUED_SECONDS >= KEEP_SECONDS + 14 * DAYS


def test_every_queue_is_a_systems_queue_or_its_dead_letters() -> None:
    queues = {_variable(system, "queue") for system in SYSTEMS}

    assert set(_of_type(QUEUE)) == queues | {_dead_letters(_of_type(QUEUE)[name]) for name in queues}


@pytest.mark.parametrize("name", _of_type(QUEUE))
def test_a_queue_is_encrypted_and_kept(name: str) -> None:
    queue = RESOURCES[name]

    assert queue["Properties"]["SqsManagedSseEnabled"] is True
    assert "QueueName" not in queue["Properties"], "a kept queue must not block the next stack"
    assert queue["DeletionPolicy"] == queue["UpdateReplacePolicy"] == "Retain", (
        f"{name} holds what was acknowledged"
    )


@pytest.mark.parametrize("name", _of_type(QUEUE))
def test_a_queue_refuses_plain_http(name: str) -> None:
    (policy,) = (
        one for one in _of_type("AWS::SQS::QueuePolicy").values() if one["Queues"] == [{"Ref": name}]
    )
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
    assert _named(statement["Resource"]) == name
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", _of_type(TABLE))
def test_a_table_of_records_is_encrypted_forgets_and_needs_no_capacity(name: str) -> None:
    table = _of_type(TABLE)[name]

    assert name in {_variable(system, "records") for system in SYSTEMS}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [{"AttributeName": "key", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


TABLE_ACTIONS = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"}


@pytest.mark.parametrize("function", ENDPOINTS, ids=str)
def test_an_endpoint_reaches_queue_and_records_as_far_as_it_uses_them(function: Function) -> None:
    allowed = _allowed(function)
    expected: dict[str, set[str]] = {}
    if function.system is not None:
        handler = function.load()
        assert isinstance(handler, Endpoint)
        if handler.contract.carries_event:
            expected[_variable(function.system, "records")] = TABLE_ACTIONS
        if handler.success.queued is not None:
            expected[_variable(function.system, "queue")] = {"sqs:SendMessage"}

    assert {
        name: actions for name, actions in allowed.items() if name in {*_of_type(QUEUE), *_of_type(TABLE)}
    } == (expected)


@each_worker
def test_a_worker_reaches_its_own_queue_dead_letters_and_records(worker: Function) -> None:
    assert worker.system is not None
    allowed = _allowed(worker)
    queue = _variable(worker.system, "queue")

    assert {
        name: actions for name, actions in allowed.items() if name in {*_of_type(QUEUE), *_of_type(TABLE)}
    } == {
        queue: {
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        },
        _dead_letters(_of_type(QUEUE)[queue]): {"sqs:SendMessage"},
        # It ends every claim with a record; only an endpoint takes a claim back.
        _variable(worker.system, "records"): TABLE_ACTIONS - {"dynamodb:DeleteItem"},
    }


@each_worker
def test_a_worker_sends_with_what_its_systems_endpoints_send_with(worker: Function) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.system == worker.system:
            for part in ("Layers", "VpcConfig"):
                assert endpoint.properties.get(part) == worker.properties.get(part), f"{worker}: {part}"
            further = {
                name: actions
                for name, actions in _allowed(endpoint).items()
                if name not in {*_of_type(QUEUE), *_of_type(TABLE)}
            }
            assert further.items() <= _allowed(worker).items(), f"{worker} must reach what {endpoint} reaches"


@each_system
def test_what_only_a_person_can_mend_raises_an_alarm(system: str) -> None:
    queue = _variable(system, "queue")
    watched = {
        (alarm["MetricName"], json.dumps(alarm.get("Dimensions", [])))
        for alarm in _of_type("AWS::CloudWatch::Alarm").values()
    }
    (worker,) = (worker.logical_id for worker in WORKERS if worker.system == system)
    own = json.dumps([{"Name": "system", "Value": system}])

    def of_queue(name: str) -> str:
        return json.dumps([{"Name": "QueueName", "Value": {"Fn::GetAtt": f"{name}.QueueName"}}])

    assert watched >= {
        ("ApproximateNumberOfMessagesVisible", of_queue(_dead_letters(_of_type(QUEUE)[queue]))),
        ("ApproximateAgeOfOldestMessage", of_queue(queue)),
        ("Errors", json.dumps([{"Name": "FunctionName", "Value": {"Ref": worker}}])),
        *((metric, own) for metric in ("Retried", "SetupFailure", "QueueFailed", "Fault")),
    }


def test_an_alarm_speaks_where_somebody_listens() -> None:
    for name, alarm in _of_type("AWS::CloudWatch::Alarm").items():
        for actions in ("AlarmActions", "OKActions"):
            condition, (topic,), _ = alarm[actions]["Fn::If"]
            assert (condition, topic) == ("HasAlarmTopic", {"Ref": "AlarmTopicArn"}), name
        assert alarm["TreatMissingData"] == "notBreaching", f"{name}: a quiet system is well"


def test_an_unknown_outcome_is_a_setting_of_a_system() -> None:
    # For all systems it would hold for some whose contracts say otherwise.
    assert "ON_UNKNOWN_OUTCOME" not in TEMPLATE.data["Globals"]["Function"]["Environment"]["Variables"]
    assert "on_unknown_outcome" in Settings.model_fields


@pytest.mark.parametrize("system", SYSTEMS)
def test_tries_with_an_unknown_outcome_are_bounded_where_a_repeat_adds(system: str) -> None:
    queued = {
        function.name: function.load()
        for function in ENDPOINTS
        if function.folder == system and function.load().success.queued is not None
    }
    bounded = {name for name, handler in queued.items() if not handler.contract.idempotent}
    counted = {kind.endpoint for kind in profiles()[system].kinds if kind.adds}
    # What expires is bounded by that.
    expiring = {kind.endpoint for kind in profiles()[system].kinds if kind.expires}

    assert bounded - expiring == counted & queued.keys()
