"""AWS's answers, given to the gateway's own client."""

from collections.abc import Callable, Mapping

import pytest

from gateway.core.reply import Reply
from gateway.outbound import aws
from gateway.outbound.http_client import HttpClient

type Refusal = Callable[..., aws.AwsError]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Lambda gives a function."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch) -> Refusal:
    """What becomes of one answer: `refusal(400, body, headers)`, header names in lower case."""
    monkeypatch.setattr(aws, "TRIES", 1)

    def read(status: int, body: bytes, headers: Mapping[str, str] = {}) -> aws.AwsError:
        reply = Reply(status=status, headers=headers, body=body)
        monkeypatch.setattr(HttpClient, "send", lambda *_, **__: reply)
        with pytest.raises(aws.AwsError) as caught:
            aws.post("sqs", "SendMessage", {}, seconds=1)
        return caught.value

    return read
