"""The text with which CloudFormation creates a secret."""

import pytest

from tests.architecture.house import TEMPLATE

PINNED = '{"credentials": {}, "client_keys": []}'
"""CloudFormation writes a secret again when this literal differs from the deployed one, even by a space, and
replaces everything that `bin/trackgate` has put there since. It must never change."""


@pytest.mark.parametrize("logical_id", TEMPLATE.secrets.values())
def test_the_literal_is_the_one_that_was_always_deployed(logical_id: str) -> None:
    secret = TEMPLATE.data["Resources"][logical_id]

    assert secret["Properties"]["SecretString"] == PINNED, (
        f"{logical_id}: a changed SecretString wipes the credentials and client keys of every deployed stack"
    )


def test_no_secret_is_left_out() -> None:
    kinds = {name for name, found in TEMPLATE.data["Resources"].items() if "Secret" in found["Type"]}

    assert kinds == set(TEMPLATE.secrets.values())
