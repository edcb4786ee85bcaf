"""AWS and network errors as one sentence that says what to do."""

from __future__ import annotations

import re

from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]

_SIGN_IN = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
        "Forbidden",
        "403",
    }
)
_SKEWED = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_SKEW = ("Signature expired", "Signature not yet current")
_ACTION = re.compile(r"perform: ([a-z0-9-]+:[A-Za-z]+)")

NO_ANSWER = (EndpointConnectionError, ConnectTimeoutError)


def code(error: Exception) -> str:
    """AWS's code for an error, empty if it does not come from AWS."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def missing_right(error: Exception) -> str:
    """The action that the caller's role lacks (`sqs:SendMessage`), empty if that is not the problem."""
    if code(error) not in _DENIED:
        return ""
    found = _ACTION.search(str(error))
    return found[1] if found else str(getattr(error, "operation_name", "")) or "a right"


def explained(error: Exception, *, local: bool = False) -> str:
    """The sentence. `local`: AWS is the one of `make local`."""
    if isinstance(error, NO_ANSWER):
        url = str(error.kwargs.get("endpoint_url", "AWS"))
        if local:
            return f"Nothing answers at {url}: run `make local` first, or set its port in AWS_PORT"
        return f"{url} cannot be reached: check the network, and the region (--region)"
    if isinstance(error, NoRegionError):
        return "No region: set it with --region, AWS_REGION, or in the profile"
    if isinstance(error, ProfileNotFound):
        return f"{error}: AWS_PROFILE names a profile that is not in ~/.aws/config"
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"No AWS credentials ({error}): set AWS_PROFILE, or sign in with `aws sso login`"
    if code(error) in _SKEWED or any(words in str(error) for words in _SKEW):
        return f"AWS rejects this machine's clock ({code(error)}): set the correct time"
    if isinstance(error, ResponseParserError):
        return "The response does not come from AWS: is a proxy or another program listening at that address?"
    if (
        isinstance(error, SSOError | TokenRetrievalError | UnauthorizedSSOTokenError)
        or code(error) in _SIGN_IN
    ):
        return f"AWS does not accept these credentials ({code(error) or error}): sign in again"
    if right := missing_right(error):
        return f"These credentials do not allow {right}: add the permission, or use other credentials"
    return str(error)


Failures = (BotoCoreError, ClientError, ResponseParserError)
"""What boto3 raises."""
