"""`PUT …/instances/{ic_id}/info`: an instance reports its transport and its user."""

from typing import Annotated

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.validate import Parameters
from pushexpress.fields import InstancePath, Integer, listed
from pushexpress.system import answered, forwarded, pushexpress


class Info(Parameters):
    """The body, in the document's order."""

    transport_type: Annotated[str, listed("fcm", "onesignal", "huawei", "apns")] = Field(
        description="`fcm`, `onesignal`, `huawei` or `apns`; SDKs send others too."
    )
    transport_token: str | None = Field(None, description="The transport's own token for pushes.")
    platform_type: Annotated[str, listed("android", "ios", "browser")] = Field(
        description="`android`, `ios` or `browser`."
    )
    platform_name: str | None = Field(None, description="Name and version, such as `android_api_33`.")
    ext_id: str | None = Field(None, description="An external id, or the `ic_token`.")
    lang: str | None = Field(None, description="Recommended. The platform's language, a BCP 47 tag.")
    country: str | None = Field(
        None,
        description="Recommended. ISO 3166-1 alpha-2, of the SIM card or the locale, not of an IP address.",
    )
    tz_sec: Integer | None = Field(None, description="Recommended. Seconds east of UTC.")
    tags: dict[str, str] | None = Field(
        None, description="The user's own; `ad_id`, `offer` and `webmaster` are predefined."
    )
    onscreen_count: Integer | None = Field(None, description="How many times the app was opened.")
    onscreen_sec: Integer | None = Field(None, description="Seconds that the app was on screen.")
    agent_name: str | None = Field(None, description="Recommended. Name and version of the client's SDK.")


@endpoint(pushexpress, method="PUT", path=InstancePath, body=Info, success=answered)
def handler(received: EndpointInput[Info, InstancePath]) -> OutboundMessage:
    """`PUT /api/r/v2/apps/{app_id}/instances/{ic_id}/info`; a late update would overwrite a newer one."""
    to = received.path
    return OutboundMessage(
        payload=forwarded(received.request, to.app_id, to.ic_id, "info"), scope=(to.app_id, to.ic_id)
    )
