"""After a run in which everything happened, credentials and client keys are in the secrets alone."""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.changed_settings import changed_settings, for_systems
from tests.fixtures.api import Api, Response
from tests.profiles import profiles, variants, vendors
from tests.safety.outside import ENDPOINTS
from tests.until import until
from tools.local.credentials import CLIENT_KEY
from tools.local.stack import LocalStack
from tools.send.sample import load

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

WAIT_SECONDS = 30

EACH_WAY = tuple(
    f"{name}/{endpoint}"
    for name, profile in profiles().items()
    for endpoint in profile.credentialed or (profile.typical,)
)
"""An endpoint for each way in which credentials and keys are used."""

VENDORS_OWN = {"sandbox.log", "ledger.ndjson"}
"""What the vendors' stand-ins keep: they are sent credentials, as vendors are."""

type Places = Iterator[tuple[str, bytes]]


def forms(secret: str) -> set[bytes]:
    """How a secret may look in what somebody wrote: plain, quoted, in hex, in base64 at any offset."""
    plain = secret.encode()
    found = {plain, quote(secret, safe="").encode(), binascii.hexlify(plain)}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain)
        # The characters at both ends depend on the neighbours.
        found.add(encoded[4 if offset else 0 : -4])
    return found


def test_a_secret_is_found_in_every_form() -> None:
    secret = "a-credential-of-some-length"

    for text in (secret, f"x{secret}y", json.dumps({"a": secret})):
        for shown in (text.encode(), base64.b64encode(text.encode()), text.encode().hex().encode()):
            assert any(form in shown for form in forms(secret)), shown
    assert not any(form in b"a-credential-of-another" for form in forms(secret))


def test_no_secret_is_anywhere_but_in_secrets_manager(local: LocalStack) -> None:
    answers = run(Api(local))
    secrets = known(local)
    assert len(secrets) > len(local.template.secrets)
    try:
        vendors_heard = repr(Api(local).sandbox.ledger()).encode()
        for name, vendor in vendors().items():
            sent = forms(secrets.get(f"{name}'s credential *", "-"))
            assert not vendor.credentialed or any(form in vendors_heard for form in sent), name
        looked = list(everything(local, answers))
    finally:
        tidy(local)

    kinds = {place.partition(" ")[0] for place, _ in looked}
    assert kinds >= {"answer", "file", "log", "dead-letter", "record", "object", "template", "function"}, (
        kinds
    )
    found = [
        f"{name} in {place}"
        for place, content in looked
        for name, secret in secrets.items()
        if any(form in content for form in forms(secret))
    ]
    assert found == []


def run(api: Api) -> list[Response]:
    """Every endpoint: taken, refused by its vendor, malformed, unknown key, queued, given up, repeated."""
    api.sandbox.reset()
    responses = []
    for variant in ("", *variants()):
        with changed_settings(api.stack, for_systems(variants().get(variant, {}))):
            found = [one.function for one in ENDPOINTS.values() if one.variant == variant]
            responses += [ask(api, one.module.replace(".", "/")) for one in found]
    responses += [ask(api, name, body=b'{"broken"') for name in EACH_WAY]
    responses += [ask(api, name, headers={"Idempotency-Key": "once"}) for name in EACH_WAY for _ in range(2)]
    responses += [ask(api, name, key="tg_stranger_0000") for name in EACH_WAY]
    for status in (400, 401, 500):
        fault(api, status)
        responses += [ask(api, name) for name in EACH_WAY]
    # Queued, then refused for good: the worker gives it up.
    fault(api, 503)
    given_up = {name: ask(api, name, headers={"Idempotency-Key": "given-up"}) for name in EACH_WAY}
    responses += given_up.values()
    queued = {
        name.partition("/")[0]
        for name, one in given_up.items()
        if one.headers.get("gateway-delivery") == "queued"
    }
    assert len(queued) > 1
    fault(api, 400)
    until(lambda: all(dead(api.stack, system) for system in queued), WAIT_SECONDS)
    api.sandbox.clear_faults()
    return responses


def fault(api: Api, status: int) -> None:
    """Let every vendor answer so, and nothing else any more."""
    api.sandbox.clear_faults()
    for system in vendors():
        api.sandbox.fault("status", system=system, status=status, body={"errors": ["no"]})


def ask(
    api: Api, name: str, *, body: bytes | None = None, headers: dict[str, str] | None = None, key: str = ""
) -> Response:
    """Send a sample event, as it is or with another body, further headers, another key."""
    request = load(name)
    sent = {field: value.replace(CLIENT_KEY, key or CLIENT_KEY) for field, value in request.headers}
    # Systems that ask for no key are sent one, too: apps do that.
    sent.setdefault("X-Api-Key", key or CLIENT_KEY)
    return api.ask(
        request.method, request.target, request.body if body is None else body, sent | (headers or {})
    )


def known(stack: LocalStack) -> dict[str, str]:
    """Every secret that the stack holds, and the digests of the client keys, by a name to show."""
    client = stack.client("secretsmanager")
    found = {"the client key": CLIENT_KEY}
    for system, logical_id in stack.template.secrets.items():
        text = client.get_secret_value(SecretId=stack.deployed.resources[logical_id])["SecretString"]
        document: dict[str, Any] = json.loads(text)
        found |= {f"{system}'s credential {name}": value for name, value in document["credentials"].items()}
        found |= {f"the digest of {one['id']}": one["sha256"] for one in document["client_keys"]}
    return found


def everything(stack: LocalStack, answers: list[Response]) -> Places:
    """All that the run left, each with where it is."""
    for answer in answers:
        yield "answer", json.dumps(dict(answer.headers)).encode() + answer.body
    yield from files(stack)
    yield from logs(stack)
    yield from queues(stack)
    yield from records(stack)
    yield from objects(stack)
    cloudformation = stack.client("cloudformation")
    for stage in ("Original", "Processed"):
        got = cloudformation.get_template(StackName="trackgate", TemplateStage=stage)
        yield f"template {stage}", json.dumps(got["TemplateBody"]).encode()
    yield "template outputs", json.dumps(cloudformation.describe_stacks(), default=str).encode()
    for function in stack.client("lambda").list_functions(MaxItems=100)["Functions"]:
        yield f"function {function['FunctionName']}", json.dumps(function, default=str).encode()


def files(stack: LocalStack) -> Places:
    """Logs and the event store, but for what the vendors keep, and the code that is unpacked to be run."""
    for path in stack.places.state.rglob("*"):
        unpacked = path.is_relative_to(stack.places.scratch)
        if path.is_file() and not unpacked and path.name not in VENDORS_OWN:
            yield f"file {path.relative_to(stack.places.state)}", path.read_bytes()


def logs(stack: LocalStack) -> Places:
    """Every log group."""
    client = stack.client("logs")
    for group in client.describe_log_groups()["logGroups"]:
        events = client.filter_log_events(logGroupName=group["logGroupName"])["events"]
        yield f"log {group['logGroupName']}", "\n".join(one["message"] for one in events).encode()


def queues(stack: LocalStack) -> Places:
    """What waits, and what was given up."""
    for name in stack.deployed.resources:
        if name.endswith(("Queue", "DeadLetters")):
            kind = "dead-letter" if name.endswith("DeadLetters") else "queue"
            for message in peek(stack, name):
                yield f"{kind} {name}", json.dumps(message).encode()


def dead(stack: LocalStack, system: str) -> list[Any]:
    """A system's dead letters."""
    return peek(stack, stack.template.queues[system].removesuffix("Queue") + "DeadLetters")


def peek(stack: LocalStack, logical_id: str) -> list[Any]:
    """Up to ten messages, left where they are."""
    url = stack.deployed.resources[logical_id]
    got = stack.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, AttributeNames=["All"]
    )
    found: list[Any] = got.get("Messages", [])
    return found


def records(stack: LocalStack) -> Places:
    """Every item of every table."""
    client = stack.client("dynamodb")
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                yield f"record {table}", json.dumps(item, default=str).encode()


def objects(stack: LocalStack) -> Places:
    """Every object of every bucket: what was deployed, and archives of events where there are any."""
    client = stack.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for one in page.get("Contents", []):
                body = client.get_object(Bucket=bucket["Name"], Key=one["Key"])["Body"].read()
                yield f"object {bucket['Name']}/{one['Key']}", body


def tidy(stack: LocalStack) -> None:
    """Leave no dead letter to tests that count theirs."""
    for name, url in stack.deployed.resources.items():
        if name.endswith("DeadLetters"):
            stack.client("sqs").purge_queue(QueueUrl=url)
    Api(stack).sandbox.reset()
