"""What the generic tests know of track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.profiles import STATUSES, Answers, Document, Profile, Requests, Rights
from tests.proofs.faults.kinds import Asked, Kind, post
from tests.proofs.fuzz.bodies import typed
from tests.proofs.fuzz.http1 import Response

TEXT_TYPE = "text/plain; charset=utf-8"
STREAM = "rights"
"""The stream of the drive of rights."""


def _row(endpoint: str, column: str, more: Mapping[str, Any]) -> Kind:
    def asked(mark: str, number: int, subject: int) -> Asked:
        body = {"ProfileID": subject + 1, "Region": "BR", **more, column: mark}
        scope: tuple[str, ...] = (str(subject + 1),)
        if endpoint == "session":
            body["SessionID"] = f"session-{subject}"
            scope = (body["SessionID"], *scope)
        return post(f"/api/1.0/track/{endpoint}/", body, scope)

    return Kind("track", endpoint, asked)


def _store(url: str) -> Any:
    from track.store import EventStore

    return EventStore(url)


def _judge(endpoint: str, response: Response) -> Iterator[str]:
    del endpoint
    yield from typed(response, TEXT_TYPE)
    if response.status in (201, 405):
        if response.body or response.header("content-length") != "0":
            yield f"{response.status} with a body"
    elif not response.body or response.body[:1] in b"{[<":
        yield "an error that is not a text"


PURCHASE = {"Currency": "BRL", "GrossAmount": "1.99", "NetAmount": "1.50", "PaymentProvider": "card"}

PROFILE = Profile(
    name="track",
    typical="item",
    credentialed=("user",),
    kinds=(
        _row("session", "Message", {"RemoteIP": "192.0.2.7", "SessionType": "start"}),
        _row("user", "Message", {"Referrer": "newsletter"}),
        _row("item", "ItemName", {"ItemType": "wear", "IsUGC": False}),
        _row("purchase", "Product", PURCHASE),
    ),
    tables={
        "SessionEvent": "Message",
        "UserEvent": "Message",
        "ItemEvent": "ItemName",
        "PurchaseEvent": "Product",
    },
    store=_store,
    requests=Requests(forms=True),
    answers=Answers(statuses=STATUSES | {201, 403}, judge=_judge, unknown=r"/(api/1\.0|v1)/track"),
    vendor=None,
    document=Document(
        statuses=frozenset({201, 400, 403, 405, 409, 413, 422, 500, 503}),
        closed=True,
        looser=lambda value: isinstance(value, str) and value.lstrip("+-").isdecimal(),
        # It takes a JSON value for the text that it is written as, and null and empty for absent.
        stricter=lambda value: value in (None, "") or isinstance(value, bool | int | float),
    ),
    rights=Rights(
        settings={"EVENT_STORE": "firehose://", "STREAM": STREAM, "CLIENT_KEYS": "required"},
        unqueued={"DELIVERY": "off"},
        # Its worker reads the secret only for a database's password; nothing listens there.
        worker={"EVENT_STORE": "mysql+pymysql://nobody@127.0.0.1:9/track?secret=own"},
    ),
)
