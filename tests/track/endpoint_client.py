"""Sends a sample event with other fields to one of track's endpoints, whose store only listens."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from tests.conftest import Listening
from tests.sample_events import load_event
from track.row import Row
from track.stores.record import record_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STORED = Reply(status=201)


class EndpointClient:
    """One endpoint and its sample event; `listening` and `event` are the fixtures `upstream` and `event`."""

    def __init__(
        self, handler: Endpoint[Any, Any], event: Callable[..., dict[str, Any]], listening: Listening
    ) -> None:
        self.handler = handler
        self.sample = f"track/{handler.name}"
        self.fields = dict(parse_qsl(load_event(self.sample)["body"]))
        self._event = event
        self.tasks = listening.answers(handler, STORED).tasks

    def send(self, body: Any, headers: Mapping[str, Any] = FORM, **parts: Any) -> dict[str, Any]:
        """The answer to a body."""
        return self.handler(self._event(self.sample, body=body, headers=headers, **parts))

    def row(self, body: Any, headers: Mapping[str, Any] = FORM, **parts: Any) -> dict[str, Any]:
        """What is stored for a good body; it fits its table."""
        answer = self.send(body, headers, **parts)
        assert (answer["statusCode"], answer["body"]) == (201, ""), answer
        task = self.tasks[-1]
        record_of(task)
        return dict(Row.of(task.payload.data()).values)

    def stored(self, **changed: object) -> dict[str, Any]:
        """What is stored for the sample's fields with some changed; None leaves one out."""
        return self.row(self.form(**changed))

    def refused(self, **changed: object) -> str:
        """The text that refuses the sample's fields with some changed."""
        return self.refused_body(self.form(**changed))

    def refused_body(self, body: Any, headers: Mapping[str, Any] = FORM) -> str:
        """The text that refuses a body."""
        answer = self.send(body, headers)
        assert answer["statusCode"] == 400
        assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["headers"]["Gateway-Delivery"] == "rejected"
        assert self.tasks == []
        return str(answer["body"])

    def form(self, **changed: object) -> str:
        """The sample's fields as a form, with some changed."""
        fields = self.fields | {name: value for name, value in changed.items() if value is not None}
        return urlencode({name: value for name, value in fields.items() if changed.get(name, "") is not None})


def unconverted(name: str) -> str:
    """The original's words for a value that cannot be converted."""
    return f'schema: error converting value for "{name}"'
