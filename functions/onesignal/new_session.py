"""`new-session`: a player opened the app; OneSignal counts the session and updates the player."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.fields import NoneIfEmpty, Rule, Uuid, integer, invalid_value
from gateway.inbound.validate import Parameters
from onesignal.system import envelope, onesignal, player_message


def _texts(tags: Any) -> Any:
    if tags is not None and not isinstance(tags, dict):
        raise invalid_value("must be an object")
    if any(isinstance(value, dict | list) for value in (tags or {}).values()):
        raise invalid_value("must be a flat object of strings")
    return tags and {name: _text(value) for name, value in tags.items()}


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None else str(value)


_TAGS = Rule(
    _texts,
    {
        "type": ["object", "null"],
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
    before=True,
)


class SessionData(Parameters):
    """OneSignal's own parameters of `on_session`; others pass through."""

    model_config = ConfigDict(extra="forbid" if onesignal.settings.strict else "allow")

    identifier: str | None = None
    language: str | None = None
    timezone: Annotated[int, integer(-(2**31), 2**31 - 1)] | None = Field(
        None, description="Seconds from UTC."
    )
    game_version: str | None = None
    device_os: str | None = None
    device_type: Annotated[int, integer(0, 2**31 - 1)] | None = None
    ad_id: str | None = None
    sdk: str | None = None
    tags: Annotated[dict[str, str | None] | None, _TAGS] = Field(
        None, description='A flat object of strings; `""` deletes a tag.'
    )


class NewSession(Parameters):
    """The parameters of `new-session`."""

    player_id: Uuid = Field(description="The player's OneSignal id.")
    sessionData: Annotated[SessionData | None, NoneIfEmpty] = None


@endpoint(onesignal, body=NewSession, success=envelope("session updated"))
def handler(received: EndpointInput[NewSession]) -> OutboundMessage:
    """`POST /players/{player_id}/on_session`."""
    data = received.body.sessionData.model_dump(exclude_unset=True) if received.body.sessionData else {}
    return player_message(received.body.player_id, "on_session", data, account=received.account)
