"""checkov looks at the template as AWS gets it: whatever it finds has a written reason, and no other has."""

import json

import pytest

from tools.checkov.__main__ import scan
from tools.checkov.findings import Scan

REPORT = {
    "results": {"failed_checks": [{"check_id": "CKV_AWS_27", "resource": "AWS::SQS::Queue.TraxQueue"}]},
    "summary": {"passed": 3},
}
REASON = '[[finding]]\ncheck = "CKV_AWS_27"\nof = "AWS::SQS::Queue"\ntitle = "Encrypted"\nreason = "It is."\n'


@pytest.mark.programs
def test_every_finding_has_a_reason_and_every_reason_a_finding() -> None:
    looked = scan()

    assert looked.complaints == []
    assert looked.passed > 300, "checkov looked at a template that is not ours"


def test_a_finding_without_a_reason_is_complained_of() -> None:
    assert Scan.of(json.dumps(REPORT), REASON).complaints == []

    other = Scan.of(json.dumps(REPORT), REASON.replace("CKV_AWS_27", "CKV_AWS_1"))
    assert other.complaints == [
        "CKV_AWS_27 of 1 AWS::SQS::Queue: no reason is written",
        "CKV_AWS_1 of AWS::SQS::Queue: accepted, but no longer found",
    ]
