"""Logs know events and resources, and nobody: no id, address, token or query, whatever becomes of a call."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from gateway.system import System
from tests.architecture.house import ALL
from tests.safety.outside import (
    ACCOUNTS,
    CLIENT_KEY,
    CREDENTIALS,
    ENDPOINTS,
    OWN_SETTINGS,
    Outside,
    deploy,
    sample,
    success,
)
from tests.sample_events import with_header, with_query

PERSON = "person-marker-7c1d"
ADDRESS = "203.0.113.77"

IDS = {
    "customUserId": f"{PERSON}-user",
    "ProfileID": "1987654321",
    "SessionID": f"{PERSON}-session",
    "RemoteIP": "198.51.100.123",
    "Message": f"{PERSON}-message",
    "Referrer": f"{PERSON}-referrer",
    "ext_id": f"{PERSON}-external",
    "ic_id": f"{PERSON}-instance",
    "session_uid": f"{PERSON}-visit",
    "client_session_uid": f"{PERSON}-visit",
    "store_number": f"{PERSON}-store",
    "email_address": f"{PERSON}@example.com",
    "idTransaction": f"{PERSON}-order",
    "ItemName": f"{PERSON}-item",
    "Product": f"{PERSON}-product",
    "player_id": "7c1d7c1d-3289-4651-ad15-7c1d7c1d7c1d",
}
"""Field by field, what a person could be known by; the rest of a sample is looked for as it stands."""

PLAIN = {"application/json", "application/x-www-form-urlencoded", "*/*"}
"""Values of requests that say nothing about anybody."""


def marked(module: str) -> dict[str, Any]:
    """The endpoint's sample event with a person in every place that takes one."""
    event = sample(module)
    for name in event["pathParameters"] or {}:
        event["pathParameters"][name] = IDS.get(name, event["pathParameters"][name])
    pairs = list((event["queryStringParameters"] or {}).items())
    with_query(event, [*pairs, ("origin", f"{PERSON}-origin")])
    with_header(event, "User-Agent", f"{PERSON}-agent/1.0")
    with_header(event, "X-Forwarded-For", "198.51.100.200")
    with_header(event, "Cookie", f"{PERSON}-cookie=1")
    event["requestContext"]["identity"] |= {"sourceIp": ADDRESS, "userAgent": f"{PERSON}-agent/1.0"}
    event["path"] = "/" + "/".join(str(value) for value in (event["pathParameters"] or {"": PERSON}).values())
    event["requestContext"]["path"] = event["path"]
    event["body"] = _with_people(event["body"])
    return event


def _with_people(body: str | None) -> str | None:
    if body is None:
        return None
    if not body.startswith(("{", "[")):
        return re.sub(r"(\w+)=([^&]*)", lambda found: f"{found[1]}={IDS.get(found[1], found[2])}", body)
    value = json.loads(body)
    for one in value if isinstance(value, list) else [value]:
        one |= {name: IDS[name] for name in IDS.keys() & one.keys()}
        one["a_further_field"] = f"{PERSON}-further"
    return json.dumps(value)


def told_of(event: dict[str, Any]) -> set[str]:
    """Everything in a request that tells of its sender: values of six characters and more."""
    found = {ADDRESS, PERSON, CLIENT_KEY, event["path"]}
    found |= set((event["pathParameters"] or {}).values())
    found |= {
        value for values in (event["multiValueQueryStringParameters"] or {}).values() for value in values
    }
    found |= {value for name, value in event["headers"].items() if name != "Host"}
    body = event["body"] or ""
    found |= set(_leaves(json.loads(body))) if body[:1] in "{[" and body else set(re.split("[=&]", body))
    return {text for text in found if len(text) >= 6} - PLAIN - set(ACCOUNTS)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield str(value)


ECHO = json.dumps({"errors": [f"{PERSON} is not known"], "id": PERSON}).encode()
"""A vendor's answer that names whom it is about."""

UPSTREAMS: dict[str, Reply | Exception | None] = {
    "success": None,
    "success that names the person": Reply(
        status=200, body=b'{"success": true, "id": "%s", "update_interval_sec": 1}' % PERSON.encode()
    ),
    **{
        f"status {status}": Reply(status=status, body=ECHO)
        for status in (302, 400, 401, 403, 404, 409, 429, 500)
    },
    "a page": Reply(status=200, headers={"content-type": "text/html"}, body=b"<p>%s" % PERSON.encode()),
    "timeout": Transient("timeout", may_have_arrived=True),
    "unreachable": Transient("unreachable"),
    "a fault of ours": ValueError(f"invalid literal for int() with base 10: '{PERSON}'"),
    "a fault within a fault": KeyError(PERSON),
}


def _unreadable(event: dict[str, Any]) -> None:
    event["body"] = f'{{"player": "{PERSON}", '


def _of_wrong_forms(event: dict[str, Any]) -> None:
    body = event["body"] or ""
    if body.startswith(("{", "[")):
        value = json.loads(body)
        one = value[0] if isinstance(value, list) else value
        event["body"] = json.dumps({name: [{PERSON: PERSON}] for name in one})
    else:
        event["body"] = re.sub(r"=[^&]*", f"={PERSON}%0A", body)


def _too_large(event: dict[str, Any]) -> None:
    event["body"] = json.dumps({"x": PERSON * 40_000})


def _wrong_method(event: dict[str, Any]) -> None:
    event["httpMethod"] = "DELETE"


def _preflight(event: dict[str, Any]) -> None:
    event["httpMethod"] = "OPTIONS"
    with_header(event, "Access-Control-Request-Headers", PERSON)


def _unknown_key(event: dict[str, Any]) -> None:
    with_header(event, "X-Api-Key", f"tg_{PERSON}_1")
    with_header(event, "Authorization", f"Auth-Token {PERSON}")


def _unknown_path(event: dict[str, Any]) -> None:
    event["path"] += f"//{PERSON}"


def _bad_values_in_the_path(event: dict[str, Any]) -> None:
    event["pathParameters"] = dict.fromkeys(event["pathParameters"] or {}, f"{PERSON}/../x") or None


def _bad_idempotency_key(event: dict[str, Any]) -> None:
    with_header(event, "Idempotency-Key", f"{PERSON}\x07")


def _idempotency_key(event: dict[str, Any]) -> None:
    with_header(event, "Idempotency-Key", f"{PERSON}-key")


def _other_encoding(event: dict[str, Any]) -> None:
    with_header(event, "Content-Encoding", "gzip")


REQUESTS: dict[str, Callable[[dict[str, Any]], None]] = {
    change.__name__.strip("_").replace("_", " "): change
    for change in (
        _unreadable,
        _of_wrong_forms,
        _too_large,
        _wrong_method,
        _preflight,
        _unknown_key,
        _unknown_path,
        _bad_values_in_the_path,
        _bad_idempotency_key,
        _idempotency_key,
        _other_encoding,
    )
}

BROKEN = {
    "no queue": {"SendMessage"},
    "no records": {"PutItem", "GetItem", "DeleteItem"},
    "no secret": {"GetSecretValue"},
    "no event store": {"PutRecordBatch"},
    "nothing of AWS": {"SendMessage", "PutItem", "GetItem", "DeleteItem", "GetSecretValue", "PutRecordBatch"},
}

each_endpoint = pytest.mark.parametrize("module", ENDPOINTS)


def nothing_private(written: str, private: set[str]) -> None:
    """Fails if the log knows anything that it must not."""
    secrets = {*CREDENTIALS.values(), CLIENT_KEY, "credential-of", *OWN_SETTINGS}
    found = sorted(text for text in private | secrets if text in written)
    assert found == [], f"the log knows {found}"


@each_endpoint
def test_no_end_of_a_call_puts_anybody_into_the_log(
    module: str, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    event = marked(module)
    assert len(told_of(event)) >= 5, "a sample in which nobody is"
    outside = Outside()
    handler = deploy(module, outside, monkeypatch)
    for name, answer in UPSTREAMS.items():
        outside.vendor = success(module) if answer is None else answer
        outside.items.clear()

        _call(handler, event, name)

        written = logged()
        assert f'"resource":"{event["resource"]}"' in written, f"{name}: no line of the call"
        nothing_private(written, told_of(event))


@each_endpoint
def test_no_request_puts_anybody_into_the_log(
    module: str, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    for name, change in REQUESTS.items():
        event = marked(module)
        change(event)

        _call(handler, event, name)
        _call(handler, event, name)

        nothing_private(logged(), told_of(marked(module)) | {PERSON})


@each_endpoint
def test_no_failure_of_aws_puts_anybody_into_the_log(
    module: str, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    event = marked(module)
    with_header(event, "Idempotency-Key", f"{PERSON}-key")
    for name, down in BROKEN.items():
        outside = Outside(vendor=Transient("timeout", may_have_arrived=True), down=down)
        handler = deploy(module, outside, monkeypatch)

        _call(handler, event, name)

        nothing_private(logged(), told_of(event) | {PERSON})


@each_endpoint
def test_redelivery_puts_nobody_into_the_log(
    module: str, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    event = marked(module)
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch, delivery="queued")
    handler(event)
    queued = [message["MessageBody"] for message in outside.of_aws("SendMessage")]
    logged()

    for text in [*queued, f'{{"version": 99, "of": "{PERSON}"}}', PERSON]:
        for name, answer in UPSTREAMS.items():
            outside.vendor = success(module) if answer is None else answer
            outside.items.clear()
            system = deploy(module, outside, monkeypatch, delivery="queued").system

            _redeliver(system, text)

            written = logged()
            assert '"message":"redelivery"' in written, name
            nothing_private(written, told_of(event) | {PERSON})


def test_unknown_paths_are_not_in_the_log(logged: Callable[[], str]) -> None:
    (edge,) = [function for function in ALL if function.folder == "edge"]
    event = json.loads(edge.event.read_text())
    event["path"] = event["pathParameters"]["proxy"] = f"v1/users/{PERSON}"

    edge.load()(event)

    written = logged()
    assert '"message":"unknown path"' in written
    assert PERSON not in written


def test_what_others_would_log_of_a_request_is_not_logged(logged: Callable[[], str]) -> None:
    # As urllib3 does it for every request, at DEBUG.
    logging.getLogger("urllib3.connectionpool").debug('"POST /v1/userInfo?idApp=1&user=%s"', PERSON)
    logging.getLogger("anybody.else").debug("heard")

    written = logged()
    assert "heard" in written
    assert PERSON not in written


def _call(handler: Endpoint[Any, Any], event: dict[str, Any], name: str) -> None:
    answer = handler(event)
    assert answer["statusCode"], name


def _redeliver(system: System, text: str) -> None:
    attributes = {"ApproximateReceiveCount": "2", "SentTimestamp": str(round(time.time() * 1000))}
    message = {"messageId": "m-1", "receiptHandle": "r-1", "body": text, "attributes": attributes}
    system.redelivery({"Records": [message]})
