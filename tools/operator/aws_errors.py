"""Why AWS, or the way to it, stopped a command: one sentence that says what to do."""

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
_REFUSED = frozenset(
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
    """AWS's word for an error, empty where AWS did not speak."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, ClientError) else ""


def missing_right(error: Exception) -> str:
    """The action that the caller's role lacks (`sqs:SendMessage`), empty where that is not the trouble."""
    if code(error) not in _REFUSED:
        return ""
    found = _ACTION.search(str(error))
    return found[1] if found else str(getattr(error, "operation_name", "")) or "a right"


def said(error: Exception, *, local: bool = False) -> str:
    """The sentence. `local`: AWS is that of `make local`."""
    if isinstance(error, NO_ANSWER):
        url = str(error.kwargs.get("endpoint_url", "AWS"))
        if local:
            return f"Nothing answers at {url}: run `make local` first, or say its port with AWS_PORT"
        return f"{url} cannot be reached: check the network, and the region (--region)"
    if isinstance(error, NoRegionError):
        return "No region: say it with --region, AWS_REGION, or in the profile"
    if isinstance(error, ProfileNotFound):
        return f"{error}: AWS_PROFILE names one that ~/.aws/config does not have"
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"No credentials for AWS ({error}): set AWS_PROFILE, or sign in with `aws sso login`"
    if code(error) in _SKEWED or any(words in str(error) for words in _SKEW):
        return f"AWS rejects the time of this machine's clock ({code(error)}): correct it"
    if isinstance(error, ResponseParserError):
        return "The answer is not AWS's: is a proxy or another program listening at that address?"
    if (
        isinstance(error, SSOError | TokenRetrievalError | UnauthorizedSSOTokenError)
        or code(error) in _SIGN_IN
    ):
        return f"AWS does not take these credentials ({code(error) or error}): sign in again"
    if right := missing_right(error):
        return f"These credentials may not call {right}: allow it, or use others"
    return str(error)


Failures = (BotoCoreError, ClientError, ResponseParserError)
"""What boto3 raises."""
