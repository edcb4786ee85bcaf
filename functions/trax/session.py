"""`PUT …/session/{session_uid}`: a shop visit's session, with its scenes."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from gateway.core.answer import Answer, Success
from gateway.core.message import HttpRequest, KeyUse, OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.fields import UUID4, Date, Form, NoneIfEmpty, Number, integer, invalid_value, pattern
from gateway.inbound.identity import content
from gateway.inbound.validate import MAX_ELEMENTS, Parameters
from gateway.outbound.http_upstream import path
from trax.system import PROJECT, settings, trax

Text100 = Annotated[str, Field(min_length=1, max_length=100), Form("string (100)")]
TaskCode = Annotated[str, Field(min_length=1), Form("string")]
Text255 = Annotated[
    str, Field(max_length=255), pattern(r"[^@\s]+@[^@\s]+", "must be an e-mail address"), Form("string (255)")
]
Name = pattern(PROJECT.grammar, f"must be {PROJECT.form}")
Time = Annotated[Number, Form("Epoch Unix Time timestamp")]
LARGEST = 2**63 - 1


def _integer_of(number: Any) -> Any:
    """`801.0` and `8.01e2` are integers too; the JSON reader limits their exponents."""
    if isinstance(number, Decimal) and number == number.to_integral_value():
        return int(number)
    return number


VisitType = Annotated[
    int,
    integer(-LARGEST - 1, LARGEST, digits=False),
    BeforeValidator(_integer_of),
    Form("number (255)"),
]


def _objects(scenes: Any) -> Any:
    if not isinstance(scenes, list) or len(scenes) > MAX_ELEMENTS:
        raise invalid_value("must be a list of objects", form="Object[]")
    return scenes


class SessionPath(Parameters):
    """The path's values."""

    version_number: Annotated[str, pattern(r"[vV][0-9]{1,20}", "must be v and digits"), Form("v4")]
    project_name: Annotated[str, Name, Form("string (100)")]
    # The document specifies UUID v.4, and shows `my-session-UID`.
    session_uid: Annotated[str, UUID4 if settings.strict else Name, Form("UUID v.4")]


class Scene(Parameters):
    """One scene of the visit."""

    scene_uid: Text100
    task_code: Annotated[TaskCode | None, NoneIfEmpty] = None


class PureAiScene(Scene):
    """A scene in a project of the PUREAI solution."""

    task_code: TaskCode


SceneOfProject = PureAiScene if settings.require_task_code else Scene


class Session(Parameters):
    """The body, in the document's order. Optional fields may be null or empty."""

    client_session_uid: Annotated[Text100 | None, NoneIfEmpty] = None
    store_number: Text100
    visit_date: Annotated[Date, Form("YYYY-MM-DD")]
    session_start_time: Time
    visit_type_id: Annotated[VisitType | None, NoneIfEmpty] = None
    session_end_time: Annotated[Time | None, NoneIfEmpty] = None
    email_address: Annotated[Text255 | None, NoneIfEmpty] = None
    scenes: Annotated[list[SceneOfProject], BeforeValidator(_objects)]  # type: ignore[valid-type]


@endpoint(trax, method="PUT", path=SessionPath, body=Session, success=Success(queued=Answer(status=200)))
def handler(received: EndpointInput[Session, SessionPath]) -> OutboundMessage:
    """`PUT /api/{version}/{project}/sessions/{session_uid}`, with the body as received."""
    to = received.path
    request = HttpRequest(
        method="PUT",
        path=path("api", to.version_number.lower(), to.project_name, settings.session_path, to.session_uid),
        headers={"Content-Type": "application/json"},
        body=received.request.document,
        account=to.project_name,
    )
    message = OutboundMessage(
        payload=request,
        scope=(to.project_name, to.session_uid),
        key=content(received.request),
        key_use=KeyUse.UNKNOWN_OUTCOME,
        by_path=False,  # one session, whichever route and case its path has
    )
    return replace(message, formerly=replace(message, key=received.request.digest(), by_path=True))
