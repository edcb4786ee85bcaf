"""What a vendor's answer means, and how a path is built."""

import time
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import Refused, Setup, Transient, UpstreamError
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.outcomes import Dead
from gateway.inbound.request import Request
from gateway.outbound.http_client import HttpClient
from gateway.outbound.http_upstream import HttpUpstream, json_object, judge, path
from gateway.outbound.secrets import SystemSecret
from tests.gateway.outbound.peer import answers, ok, peer
from tests.safety.outside import Outside, deploy, sample


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("players", "a-b_1"), "/players/a-b_1"),
        (("a/b", "c?d", "e#f"), "/a%2Fb/c%3Fd/e%23f"),
        (("%2e%2e%2f",), "/%252e%252e%252f"),
        (("a\r\nHost: x", "ü"), "/a%0D%0AHost%3A%20x/%C3%BC"),
    ],
)
def test_paths_are_encoded_in_one_place(segments: tuple[str, ...], expected: str) -> None:
    assert path(*segments) == expected


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_path_never_climbs(segment: str) -> None:
    with pytest.raises(ValueError, match="not a path segment"):
        path("players", segment)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success(status: int) -> None:
    judge(Reply(status=status))


@pytest.mark.parametrize(
    ("status", "error", "unanswered"),
    [
        (408, Transient, False),
        (429, Transient, False),
        (500, Transient, True),
        (503, Transient, True),
        (302, Transient, True),
        (100, Transient, True),
        (401, Setup, False),
        (403, Setup, False),
        (400, Refused, False),
        (404, Refused, False),
        (409, Refused, False),
    ],
)
def test_failures(status: int, error: type[UpstreamError], unanswered: bool) -> None:
    with pytest.raises(error) as caught:
        judge(Reply(status=status))

    assert caught.value.may_have_arrived == unanswered


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b'{"a":', b"null"])
def test_garbage_is_no_success(body: bytes) -> None:
    with pytest.raises(Transient, match="garbage") as caught:
        json_object(Reply(status=200, body=body))
    assert caught.value.may_have_arrived


def task() -> DeliveryTask:
    request = HttpRequest(method="POST", path="/a")
    return DeliveryTask(system="s", endpoint="e", event_id="i", received_at=1.0, payload=request)


def test_the_time_that_a_credential_takes_is_part_of_the_whole() -> None:
    left: list[float] = []

    def sign(request: HttpRequest, secret: SystemSecret) -> HttpRequest:
        time.sleep(0.1)
        return request

    class Client(HttpClient):
        def send(self, *_: Any, seconds: float, **__: Any) -> Reply:
            left.append(seconds)
            return Reply(status=200)

    upstream = HttpUpstream(url="http://127.0.0.1:9", secret=SystemSecret(""), sign=sign, judge=judge)
    replace(upstream, client=Client()).send(task(), seconds=60)

    assert 0 < left[0] <= 59.9


def test_one_request_may_have_a_judge_of_its_own() -> None:
    def accept(reply: Reply) -> None:
        assert reply.status == 200

    def refuse(reply: Reply) -> None:
        raise Refused(reply)

    with peer(answers(ok(b"{}"))) as (url, _):
        upstream = HttpUpstream(
            url=url, secret=SystemSecret(""), sign=lambda request, secret: request, judge=refuse
        )
        request = HttpRequest(method="GET", path="/a")

        assert upstream.request(request, seconds=1, judge=accept).body == b"{}"
        with pytest.raises(Refused):
            upstream.request(request, seconds=1)
        with pytest.raises(Refused):
            upstream.send(task(), seconds=1)


@pytest.mark.parametrize("scheme", ["", "Auth-Token "])
def test_a_vendor_that_quotes_our_credential_is_not_quoted(scheme: str) -> None:
    def sign(request: HttpRequest, secret: SystemSecret) -> HttpRequest:
        return replace(request, headers={"Authorization": f"{scheme}s3/cr3t"})

    answer = ok(b'{"error": "no account for s3/cr3t, s3\\/cr3t"}', "Content-Type: text/plain; x=s3/cr3t")
    with peer(answers(answer.replace(b"200 OK", b"400 Bad Request"))) as (url, seen):
        upstream = HttpUpstream(url=url, secret=SystemSecret(""), sign=sign, judge=judge)
        with pytest.raises(Refused) as caught:
            upstream.send(task(), seconds=5)

    assert f"Authorization: {scheme}s3/cr3t".encode() in seen[0]
    assert caught.value.reply.body == b'{"error": "no account for [credential], [credential]"}'
    assert "cr3t" not in str(caught.value.reply)


@pytest.mark.parametrize(
    ("module", "error"),
    [
        ("onesignal.new_session", b'{"errors": ["No user with this id found"]}'),
        ("onesignal.track_open", b'{"success": false}'),
        ("mytracker.login_batch", b'{"error": "Bad Request"}'),
    ],
)
def test_an_error_in_a_200_is_a_refusal_for_a_queued_task_too(
    module: str, error: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=Reply(status=200, body=error))
    handler = deploy(module, outside, monkeypatch)
    queued, _ = handler.task(Request.of(sample(module), max_body=10_000))

    waiting = Pending(task=queued, text=queued.dumps(), receives=1)
    fates = handler.system.redelivery.send([waiting, waiting], seconds_left=lambda: 60)

    assert fates == [Dead("refused"), Dead("refused")]
    letters = [DeadLetter.loads(sent["MessageBody"]) for sent in outside.of_aws("SendMessage")]
    assert [(letter.status, letter.body) for letter in letters] == [(400, error)] * 2
