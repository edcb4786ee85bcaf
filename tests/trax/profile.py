"""What the generic tests know of Trax."""

from __future__ import annotations

from collections.abc import Iterator

from tests.profiles import CLIENT_KEY, STATUSES, Answers, Document, Profile, Requests, Rights, Vendor
from tests.proofs.faults.kinds import Asked, Kind, person, post
from tests.proofs.fuzz.bodies import one_text
from tests.proofs.fuzz.http1 import Response
from tests.sample_events import Event, with_header

PROJECT = "my-project"
PROVEN = "prove"


def _visit(mark: str, number: int, subject: int) -> Asked:
    body = {
        "client_session_uid": person(subject),
        "store_number": "100050000000008",
        "visit_date": "2017-06-02",
        "session_start_time": 1496587649,
        "scenes": [{"scene_uid": mark}],
    }
    return post(
        f"/api/v4/{PROVEN}/session/{mark}",
        body,
        (PROVEN, mark),
        method="PUT",
        headers={"Authorization": f"Auth-Token {CLIENT_KEY}"},
        path_values={"version_number": "v4", "project_name": PROVEN, "session_uid": mark},
        by_path=False,
        client="local",
    )


def _present(event: Event, key: str) -> None:
    event["pathParameters"]["project_name"] = PROJECT
    with_header(event, "Authorization", f"Auth-Token {key}")


def _judge(endpoint: str, response: Response) -> Iterator[str]:
    del endpoint
    if response.status >= 300:
        yield from one_text(response, "description")
    elif response.body:
        yield "a success with a body"


PROFILE = Profile(
    name="trax",
    settings={"DELIVERY": "off"},
    client_keys="default",
    present=_present,
    account=PROJECT,
    accounts=PROJECT,
    foreign=(("session", lambda event: event["pathParameters"].update(project_name="other-project")),),
    typical="session",
    kinds=(Kind("trax", "session", _visit, naturally_once=True),),
    requests=Requests(fresh=frozenset({"session_uid"})),
    answers=Answers(statuses=STATUSES | {200, 401, 403}, judge=_judge, unknown=r"/api(/|$)"),
    vendor=Vendor(
        paths=r"/api/[vV][0-9]+/{account}/sessions/[A-Za-z0-9_-]{1,100}",
        method=lambda path: "PUT",
        authorization=lambda path: "Auth-Token {}",
    ),
    document=Document(
        statuses=frozenset({200, 400, 401, 403, 405, 409, 413, 422, 500, 502, 503, 504}),
    ),
    rights=Rights(settings={"DELIVERY": "direct"}),
)
