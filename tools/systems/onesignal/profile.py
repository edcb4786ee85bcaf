"""OneSignal's profile."""

from urllib.parse import urlencode

from tools.errors import CommandError
from tools.systems.onesignal.app import APP_ID
from tools.systems.onesignal.page import PAGE
from tools.systems.onesignal.vendor import OneSignal
from tools.systems.profile import Call, CredentialRequest, Parameter, Profile


def _credential_check(parameter: Parameter, account: str, credential: str) -> CredentialRequest:
    """Its documented "View messages", of the account's app; `*` is the stack's own."""
    app_id = parameter("AppId") if account == "*" else account
    if not app_id:
        raise CommandError("OneSignalAppId is empty: OneSignal is asked about an app")
    return CredentialRequest(
        method="GET",
        target=f"/notifications?{urlencode({'app_id': app_id, 'limit': 1})}",
        headers={"Authorization": f"Key {credential}"},
    )


PROFILE = Profile(
    name="onesignal",
    page=PAGE,
    vendor=OneSignal,
    local_settings={"APP_ID": APP_ID},
    refused_call=lambda parameter: Call("POST", "/onesignal/track-open"),
    credential_check=_credential_check,
    credential_only_for="track-open",
    erasure_at_vendor=(
        "DELETE https://api.onesignal.com/apps/{app_id}/users/by/{alias_label}/{alias_id} with the app's key "
        "removes the user with all subscriptions (player ids) and tags; "
        "see https://documentation.onesignal.com/reference/delete-user"
    ),
)
