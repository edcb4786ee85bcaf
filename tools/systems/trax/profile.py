"""Trax's profile."""

from urllib.parse import quote

from tools.systems.profile import Call, CredentialRequest, Parameter, Profile
from tools.systems.trax.page import PAGE
from tools.systems.trax.vendor import Trax


def _credential_check(parameter: Parameter, account: str, credential: str) -> CredentialRequest:
    """A session that lacks every required field, for a project."""
    del parameter
    return CredentialRequest(
        method="PUT",
        target=f"/api/v4/{quote(account, safe='')}/sessions/credential-check",
        headers={"Authorization": f"Auth-Token {credential}"},
        body=b"{}",
        accepted=range(400, 401),
    )


PROFILE = Profile(
    name="trax",
    page=PAGE,
    vendor=Trax,
    refused_call=lambda parameter: Call(
        "PUT", "/api/v4/doctor/sessions/00000000-0000-4000-8000-000000000000"
    ),
    credential_check=_credential_check,
    erasure_at_vendor=(
        "Its document has no deletion: ask your contact at Trax, naming project and session_uid."
    ),
)
