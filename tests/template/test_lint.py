"""cfn-lint of what SAM makes of the template, with each switch at its other value."""

import json
from collections.abc import Mapping

import pytest

from tests.architecture.house import TEMPLATE
from tests.template.variants import VARIANTS
from tools.programs.environment import REGION
from tools.template.decided import Conditions, decided
from tools.template.translated import translated


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_cloudformation_would_take_it(values: Mapping[str, str]) -> None:
    # Here, since each of the suite's processes imports this file, and most of them lint nothing.
    import cfnlint.api
    from cfnlint.config import ManualArgs

    text = json.dumps(decided(translated(), values), indent=1)

    found = cfnlint.api.lint(text, config=ManualArgs(regions=[REGION], ignore_checks=["W"]))

    assert [f"{one.rule.id} {one.path}: {one.message}" for one in found] == []


@pytest.mark.parametrize("condition", TEMPLATE.data["Conditions"])
def test_every_condition_is_linted_both_true_and_false(condition: str) -> None:
    held = {Conditions(translated(), values).hold(condition) for values in VARIANTS.values()}

    assert held == {True, False}, f"tests/template/variants.py has none for the other side of {condition}"
