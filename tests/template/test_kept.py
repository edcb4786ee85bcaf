"""Logical ids of what holds data: under another id CloudFormation creates another, empty resource."""

from tests.architecture.house import TEMPLATE

KINDS = {
    "AWS::SQS::Queue",
    "AWS::DynamoDB::Table",
    "AWS::SecretsManager::Secret",
    "AWS::S3::Bucket",
    "AWS::KinesisFirehose::DeliveryStream",
}

SINCE_0_1_0 = {
    "OneSignalQueue",
    "OneSignalDeadLetters",
    "OneSignalRecords",
    "OneSignalSecret",
    "TraxQueue",
    "TraxDeadLetters",
    "TraxRecords",
    "TraxSecret",
    "PushExpressQueue",
    "PushExpressDeadLetters",
    "PushExpressRecords",
    "MyTrackerQueue",
    "MyTrackerDeadLetters",
    "MyTrackerRecords",
    "MyTrackerSecret",
    "TrackQueue",
    "TrackDeadLetters",
    "TrackRecords",
    "TrackSecret",
    "TrackBucket",
    "TrackStream",
}
"""What a stack of 0.1.0 has. A later system's are added; none of these is ever renamed."""


def test_what_holds_data_keeps_its_logical_id() -> None:
    found = {name for name, resource in TEMPLATE.data["Resources"].items() if resource["Type"] in KINDS}

    assert found >= SINCE_0_1_0, "deployed stacks would lose what these hold"
