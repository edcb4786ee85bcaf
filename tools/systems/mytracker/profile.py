"""MyTracker's profile."""

from urllib.parse import urlencode

from tools.systems.mytracker.page import PAGE
from tools.systems.mytracker.vendor import MyTracker
from tools.systems.profile import Call, CredentialRequest, Parameter, Profile


def _credential_check(parameter: Parameter, account: str, credential: str) -> CredentialRequest:
    """The call that is made for it, for an idApp."""
    del parameter
    return CredentialRequest(
        method="POST",
        target=f"/v1/test-app-access?{urlencode({'idApp': account})}",
        headers={"Authorization": credential},
        body=b"true",
    )


PROFILE = Profile(
    name="mytracker",
    page=PAGE,
    vendor=MyTracker,
    refused_call=lambda parameter: Call("POST", "/v1/login"),
    path_beside_variable="/v1/login",
    credential_check=_credential_check,
    erasure_at_vendor=(
        "Its import API has no deletion: ask its support, naming the idApp and each id of the user's."
    ),
)
