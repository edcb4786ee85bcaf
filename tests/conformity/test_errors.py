"""AWS's errors: the gateway retries whatever the AWS SDKs retry, however a service spells the code."""

import json
from collections.abc import Mapping

import pytest

from tests.conformity.conftest import Refusal
from tests.conformity.models import SERVICES, called, model, modelled_errors, retried_codes

LASTING = {
    "BatchEntryIdsNotDistinct": "our request is wrong",
    "BatchRequestTooLong": "our request is wrong",
    "ConditionalCheckFailedException": "the condition did not hold; it decides who has a key",
    "DecryptionFailure": "Secrets Manager may not use the secret's KMS key",
    "EmptyBatchRequest": "our request is wrong",
    "InvalidAddress": "the queue's URL is wrong",
    "InvalidArgumentException": "our request is wrong",
    "InvalidBatchEntryId": "our request is wrong",
    "InvalidKMSResourceException": "the stream's KMS key cannot be used",
    "InvalidMessageContents": "our request is wrong",
    "InvalidParameterException": "our request is wrong",
    "InvalidRequestException": "the secret is being deleted",
    "InvalidSecurity": "the request came without TLS",
    "InvalidSourceException": "only for streams that read from Kinesis",
    "ItemCollectionSizeLimitExceededException": "only for tables with local secondary indexes",
    "KmsAccessDenied": "the queue's KMS key refuses us",
    "KmsDisabled": "the queue's KMS key is disabled",
    "KmsInvalidKeyUsage": "the queue's KMS key is of the wrong kind",
    "KmsInvalidState": "the queue's KMS key is being deleted",
    "KmsNotFound": "the queue's KMS key is gone",
    "KmsOptInRequired": "the account has no KMS",
    "MessageNotInflight": "the message is visible already, or was deleted",
    "QueueDoesNotExist": "the queue is gone",
    "ReceiptHandleIsInvalid": "our request is wrong",
    "ResourceNotFoundException": "the table, secret or stream is gone",
    "TooManyEntriesInBatchRequest": "our request is wrong",
    "UnsupportedOperation": "our request is wrong",
}
"""Errors of the operations that the gateway calls which no retry can fix."""


def named(code: str) -> bytes:
    return json.dumps({"__type": code, "message": "…"}).encode()


def test_the_models_are_read() -> None:
    assert {str(action) for action in called()} >= {"sqs:SendMessage", "dynamodb:DeleteItem"}
    assert {"RequestThrottled", "TransactionInProgressException", "TooManyRequestsException"} <= (
        retried_codes()
    )


@pytest.mark.parametrize("code", sorted(retried_codes()))
def test_what_the_sdks_retry_passes(refusal: Refusal, code: str) -> None:
    found = refusal(400, named(code))

    assert (found.code, found.passing, found.may_have_arrived) == (code, True, False)


@pytest.mark.parametrize("service", SERVICES)
def test_every_throttling_error_of_the_models_passes(refusal: Refusal, service: str) -> None:
    names = [shape.name for shape in model(service).error_shapes]
    throttling = [
        name
        for name in names
        if any(part in name for part in ("Throttl", "Throughput", "RequestLimit", "TooManyRequests"))
    ]

    assert [name for name in throttling if not refusal(400, named(name)).passing] == []


def test_each_error_of_an_operation_that_is_called_is_judged(refusal: Refusal) -> None:
    errors = set().union(*(modelled_errors(action) for action in called()))

    passing = {name for name in errors if refusal(400, named(name)).passing}
    assert errors - passing == set(LASTING), "judge what is new: in gateway/aws.py, or here with its reason"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (named("com.amazonaws.sqs#RequestThrottled"), {}),
        (named("RequestThrottled:http://internal.amazon.com/coral/com.amazon.coral.service/"), {}),
        (named("com.amazonaws.sqs#RequestThrottled:http://internal.amazon.com/coral/#x"), {}),
        (b'{"code": "RequestThrottled"}', {}),
        (b"", {"x-amzn-errortype": "RequestThrottled:http://internal.amazon.com/coral/"}),
        (b'{"message": "slow down"}', {"x-amzn-errortype": "com.amazonaws.sqs#RequestThrottled"}),
    ],
)
def test_a_code_is_found_in_each_form(refusal: Refusal, body: bytes, headers: Mapping[str, str]) -> None:
    found = refusal(403, body, headers)

    assert (found.code, found.passing) == ("RequestThrottled", True)


def test_without_a_code_the_status_speaks(refusal: Refusal) -> None:
    refused, throttled, failed = refusal(400, b""), refusal(429, b""), refusal(503, b"")

    assert (refused.code, refused.passing, refused.may_have_arrived) == ("status 400", False, False)
    assert (throttled.code, throttled.passing, throttled.may_have_arrived) == ("status 429", True, False)
    assert (failed.code, failed.passing, failed.may_have_arrived) == ("status 503", True, True)
