"""Signed calls to AWS without boto3, which would double a function's cold start.

Secrets Manager, SQS, DynamoDB and Firehose speak one protocol: a JSON POST with `X-Amz-Target`, signed with
Signature Version 4.
"""

import os
import random
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from requests_aws4auth import AWS4Auth

from gateway.core import strict_json
from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.outbound.http_client import HttpClient

TARGETS = {
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "firehose": ("Firehose_20150804", "1.1"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "sqs": ("AmazonSQS", "1.0"),
}
"""A service's target prefix and the version of its JSON protocol."""

TRIES = 3

CONDITION_FAILED = "ConditionalCheckFailedException"
"""The code of a conditional write that met another item than it was made for."""

_PASSING = {
    "BandwidthLimitExceeded",
    "InternalServerError",
    "InternalServiceError",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailableException",
    "SlowDown",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
"""Errors worth another try, as the AWS SDKs list them; so is every code that speaks of throttling
(`RequestThrottled`, `KmsThrottled`, `ThrottlingException`). tests/conformity/ compares with botocore."""

_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}
"""DNS suffix by the prefix of the region's name, for partitions outside `amazonaws.com`."""

_exchanges: dict[str, HttpClient] = {}


class AwsError(Exception):
    """AWS refused a call or could not be reached.

    `code` is AWS's own (`ResourceNotFoundException`), or the HTTP client's reason (`unreachable`,
    `timeout`, …); `passing` says that another try may help, `may_have_arrived` that the call may have had
    its effect. `item` is what stands in the way of a conditional write that asked for it
    (`ReturnValuesOnConditionCheckFailure`).
    """

    def __init__(
        self,
        code: str,
        *,
        passing: bool,
        may_have_arrived: bool = False,
        item: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """See the class."""
        super().__init__(code)
        self.code = code
        self.passing = passing
        self.may_have_arrived = may_have_arrived
        self.item = item


def post(service: str, action: str, body: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
    """Call `action` of `service` within `seconds`, with up to two retries while time is left.

    Raises AwsError.
    """
    deadline = time.monotonic() + seconds
    may_have_arrived = False
    for attempt in range(1, TRIES + 1):
        try:
            return _once(service, action, body, seconds=max(0.05, deadline - time.monotonic()))
        except AwsError as error:
            may_have_arrived = may_have_arrived or error.may_have_arrived
            pause = random.uniform(0, 0.05 * 2**attempt)  # noqa: S311 - jitter, not a secret
            if not error.passing or attempt == TRIES or time.monotonic() + pause >= deadline:
                error.may_have_arrived = may_have_arrived
                raise
            time.sleep(pause)
    raise AssertionError("unreachable")


def _once(service: str, action: str, body: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
    prefix, version = TARGETS[service]
    try:
        reply = _exchanges.setdefault(service, HttpClient()).send(
            "POST",
            _endpoint(service),
            headers={
                "Content-Type": f"application/x-amz-json-{version}",
                "X-Amz-Target": f"{prefix}.{action}",
            },
            body=strict_json.write(body),
            seconds=seconds,
            auth=_signature(service),
        )
    except Transient as error:
        raise AwsError(error.reason, passing=True, may_have_arrived=error.may_have_arrived) from error
    return _read(reply)


def _read(reply: Reply) -> dict[str, Any]:
    try:
        found = strict_json.read(reply.body) if reply.body else {}
    except strict_json.Malformed:
        found = None
    if reply.status == 200 and isinstance(found, dict):
        return found
    error = found if isinstance(found, dict) else {}
    code = _code(error.get("__type") or error.get("code") or reply.headers.get("x-amzn-errortype"))
    passing = reply.status >= 500 or reply.status == 429 or _passes(code) or found is None
    raise AwsError(
        code or f"status {reply.status}",
        passing=passing,
        may_have_arrived=reply.status >= 500 or found is None,
        item=error.get("Item") or {},
    )


def _code(text: object) -> str:
    """An error's bare name, without the namespace before it or the address after it.

    Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html, "Operation error serialization".
    """
    return str(text or "").partition(":")[0].rpartition("#")[2]


def _passes(code: str) -> bool:
    return code in _PASSING or "throttl" in code.lower()


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _endpoint(service: str) -> str:
    if given := os.environ.get("AWS_ENDPOINT_URL"):
        return given
    region = _region()
    suffix = next((_SUFFIXES[start] for start in _SUFFIXES if region.startswith(start)), "amazonaws.com")
    return f"https://{service}.{region}.{suffix}/"


def _signature(service: str) -> AWS4Auth:
    # Lambda sets the credentials for an execution environment's whole life, but a local run may not.
    return AWS4Auth(
        os.environ.get("AWS_ACCESS_KEY_ID", ""),
        os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        _region(),
        service,
        session_token=os.environ.get("AWS_SESSION_TOKEN") or None,
    )
