"""AWS's and the network's errors as one sentence that says what to do."""

from __future__ import annotations

import re
from difflib import get_close_matches

import boto3
from botocore import exceptions as botocore  # type: ignore[import-untyped]
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]

from tools.failures import rights

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
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_GONE = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
_DOWN = frozenset(
    {"InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "ServiceUnavailable"}
)
_SKEWED = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_SKEW = ("Signature expired", "Signature not yet current")
_ACTION = re.compile(r"perform: ([a-z0-9-]+:[A-Za-z]+)")
_FROM_ABOVE = re.compile(
    r"(?:explicit deny in an? |because no )"
    r"(permissions boundary|service control policy|session policy|resource-based policy)"
)
_REGION = re.compile(r"//[a-z0-9-]+\.([a-z0-9-]+)\.amazonaws\.com")

NO_ANSWER = (botocore.EndpointConnectionError, botocore.ConnectTimeoutError)
_SIGNED_OUT = (
    botocore.LoginError,
    botocore.SSOError,
    botocore.TokenRetrievalError,
    botocore.UnauthorizedSSOTokenError,
)
_BROKEN_OFF = (
    botocore.ConnectionClosedError,
    botocore.HTTPClientError,
    botocore.IncompleteReadError,
    botocore.ReadTimeoutError,
    botocore.ResponseStreamingError,
)


def code(error: Exception) -> str:
    """AWS's code for an error, empty if it does not come from AWS."""
    return str(error.response["Error"].get("Code", "")) if isinstance(error, botocore.ClientError) else ""


def missing_right(error: Exception) -> str:
    """The action that the caller's role lacks (`sqs:SendMessage`), empty if that is not the problem."""
    if code(error) not in _DENIED:
        return ""
    found = _ACTION.search(str(error))
    return found[1] if found else str(getattr(error, "operation_name", "")) or "a right"


def explained(error: Exception, *, local: bool = False, policy: str = rights.OPERATOR) -> str:
    """The sentence. `local`: AWS is the one of `make local`. `policy`: what documents the caller's rights."""
    if isinstance(error, botocore.ClientError):
        return _refused(error, policy)
    if local and isinstance(error, NO_ANSWER):
        url = error.kwargs.get("endpoint_url", "its port")
        return f"Nothing answers at {url}: run `make local` first, or set its port in AWS_PORT"
    return (
        _without_answer(error)
        or _without_credentials(error)
        or f"{error}: `aws sts get-caller-identity` tells whether the AWS CLI can sign in"
    )


def _without_answer(error: Exception) -> str:
    url = str(getattr(error, "kwargs", {}).get("endpoint_url", "AWS"))
    match error:
        case botocore.EndpointConnectionError() | botocore.ConnectTimeoutError():
            return (
                _unknown_region(url)
                or f"{url} cannot be reached: check the network, and the region (--region)"
            )
        case botocore.ProxyConnectionError():
            return f"{error}: correct HTTPS_PROXY, or name AWS's hosts in NO_PROXY"
        case botocore.InvalidProxiesConfigError():
            return f"{error}: correct the proxy's settings in ~/.aws/config"
        case botocore.SSLError():
            return (
                f"TLS to {url} failed ({error.kwargs.get('error')}): if a proxy on the way inspects TLS, "
                "name its certificate authority in AWS_CA_BUNDLE"
            )
        case ResponseParserError():
            return (
                "The response does not come from AWS: is a proxy or another program listening at that "
                "address?"
            )
    if isinstance(error, _BROKEN_OFF):
        return f"{url} did not answer in full ({error}): check the network, and run this again"
    return ""


def _without_credentials(error: Exception) -> str:
    match error:
        case botocore.NoRegionError():
            return (
                "No region: set it with --region, AWS_REGION, or in the profile; for a local run, add --local"
            )
        case botocore.InvalidRegionError():
            return f"{error} Set --region or AWS_REGION to a region's code, such as eu-central-1"
        case botocore.ProfileNotFound():
            return f"{error}: `aws configure list-profiles` lists those for AWS_PROFILE"
        case botocore.NoCredentialsError() | botocore.PartialCredentialsError():
            return f"No AWS credentials ({error}): set AWS_PROFILE, or sign in with `aws sso login`"
        case botocore.CredentialRetrievalError() | botocore.MetadataRetrievalError():
            return f"{error}: the profile's source of credentials fails; sign in again, or set AWS_PROFILE"
        case botocore.ConfigParseError() | botocore.ConfigNotFound() | botocore.InvalidConfigError():
            return f"{error}: correct ~/.aws/config, or the variable that it names"
    if isinstance(error, _SIGNED_OUT):
        return f"AWS does not accept these credentials ({error}): sign in again, with `aws sso login`"
    return ""


def _refused(error: botocore.ClientError, policy: str) -> str:
    said, operation = code(error), str(getattr(error, "operation_name", "")) or "the request"
    if said in _SKEWED or any(words in str(error) for words in _SKEW):
        return f"AWS rejects this machine's clock ({said}): set the correct time"
    if said in _SIGN_IN:
        return f"AWS does not accept these credentials ({said}): sign in again, or set AWS_PROFILE"
    if right := missing_right(error):
        return _denied(error, right, policy)
    if said in _THROTTLED:
        return f"AWS is throttling {operation} ({said}): wait a minute, and run this again"
    if said in _DOWN:
        return f"AWS could not carry out {operation} ({said}): run this again; https://health.aws.amazon.com"
    if said in _GONE:
        return f"{error}: a resource of the stack is gone; `bin/trackgate doctor` checks the others"
    return f"AWS refused {operation}: {error}. `bin/trackgate doctor` checks the deployment"


def _denied(error: Exception, right: str, policy: str) -> str:
    if above := _FROM_ABOVE.search(str(error)):
        return (
            f"These credentials do not allow {right}, which the {above[1]} forbids: ask whoever manages the "
            "AWS account"
        )
    found = rights.statement(policy, right)
    add = f"the statement {found} of {policy}" if found else f"the permission ({policy})"
    return f"These credentials do not allow {right}: add {add}, or use other credentials"


def _unknown_region(url: str) -> str:
    """A misspelt region has no address."""
    found = _REGION.search(url)
    known = boto3.Session().get_available_regions("cloudformation") if found else []
    if found is None or found[1] in known:
        return ""
    close = get_close_matches(found[1], known, n=1)
    meant = f"did you mean {close[0]}?" if close else "check --region and AWS_REGION"
    return f"{found[1]} is not a region that boto3 knows: {meant}"


Failures = (botocore.BotoCoreError, botocore.ClientError, ResponseParserError)
"""What boto3 raises."""
