"""OneSignal's profile."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from tools.errors import CommandError
from tools.systems.onesignal.app import APP_ID
from tools.systems.onesignal.page import PAGE
from tools.systems.onesignal.vendor import OneSignal
from tools.systems.profile import Call, CredentialRequest, Form, Parameter, Profile, Rate

_APP_ID = Form("([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?", "a UUID, as OneSignal's app ids are")
"""Or empty, the default. The parameter's own pattern is wider: stacks of 0.1.0 and 0.2.0 may have any id."""


def _credential_check(parameter: Parameter, account: str, credential: str) -> CredentialRequest:
    """Its documented "View messages", of the account's app; `*` is the stack's own."""
    app_id = parameter("AppId") if account == "*" else account
    if not app_id:
        raise CommandError("OneSignalAppId is empty: set it, because the check asks OneSignal about an app")
    return CredentialRequest(
        method="GET",
        target=f"/notifications?{urlencode({'app_id': app_id, 'limit': 1})}",
        headers={"Authorization": f"Key {credential}"},
    )


def _identity_keys(parameter: Parameter, accounts: Iterable[str], id: str) -> Iterable[str]:
    """Of a player's user, in each app."""
    # Here, as the sandbox runs without the functions' code.
    from gateway.core.identifiers import is_uuid
    from onesignal.identities import item_key

    if is_uuid(id):
        yield from (item_key(app, id) for app in (parameter("AppId"), *accounts) if app)


def _lookups(parameter: Parameter, accounts: Mapping[str, Mapping[str, str]]) -> Rate | None:
    """Look-ups of players whose user is not known yet, of the apps that speak the users model."""
    model = parameter("Model")
    if not model:  # a release that knows only players
        return None
    models = {parameter("AppId"): model} | {app: own.get("model", model) for app, own in accounts.items()}
    apps = tuple(app for app, spoken in models.items() if app and spoken == "users")
    per_second = float(parameter("LookupsPerSecond"))
    return Rate(what="new players", per_second=per_second, accounts=apps) if apps else None


PROFILE = Profile(
    name="onesignal",
    page=PAGE,
    vendor=OneSignal,
    local_settings={"APP_ID": APP_ID},
    forms={"AppId": _APP_ID},
    refused_call=lambda parameter: Call("POST", "/onesignal/track-open"),
    credential_check=_credential_check,
    credential_only_for=lambda parameter: "" if parameter("Model") == "users" else "track-open",
    identity_keys=_identity_keys,
    erasure_at_vendor=(
        "DELETE https://api.onesignal.com/apps/{app_id}/users/by/{alias_label}/{alias_id} with the app's key "
        "removes the user with all subscriptions (player ids) and tags; "
        "see https://documentation.onesignal.com/reference/delete-user"
    ),
    rate=_lookups,
)
