"""The order in which CloudFormation creates what access logs need, in an account that never had an API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tools.template.decided import decided
from tools.template.translated import translated

FIRST = "AWS::ApiGateway::ApiKey"
ACCOUNT = "AWS::ApiGateway::Account"
STAGE = "AWS::ApiGateway::Stage"


def _resources(api_gateway_logs: str) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = decided(translated(), {"ApiGatewayLogs": api_gateway_logs})[
        "Resources"
    ]
    return found


def _named(value: Any) -> Iterator[str]:
    """Every logical id that a value refers to."""
    if isinstance(value, list):
        for member in value:
            yield from _named(member)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "Ref":
                yield member
            elif name == "Fn::GetAtt":
                yield member.partition(".")[0] if isinstance(member, str) else member[0]
            else:
                yield from _named(member)


def _before(resources: Mapping[str, Mapping[str, Any]], name: str) -> set[str]:
    """The types of all resources that are created before this one."""
    direct = resources[name].get("DependsOn", [])
    waiting = {*([direct] if isinstance(direct, str) else direct), *_named(resources[name])}
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one in resources and one not in seen:
            seen.add(one)
            further = resources[one].get("DependsOn", [])
            waiting |= {*([further] if isinstance(further, str) else further), *_named(resources[one])}
    return {str(resources[one]["Type"]) for one in seen}


def _only(resources: Mapping[str, Mapping[str, Any]], kind: str) -> str:
    (name,) = (name for name, found in resources.items() if found["Type"] == kind)
    return name


def test_the_account_is_set_after_another_api_gateway_resource_and_before_the_stage() -> None:
    resources = _resources("create")

    assert FIRST in _before(resources, _only(resources, ACCOUNT))
    assert STAGE not in _before(resources, _only(resources, ACCOUNT))
    assert ACCOUNT in _before(resources, _only(resources, STAGE))


def test_the_resource_that_comes_first_opens_nothing() -> None:
    resources = _resources("create")
    key = _only(resources, FIRST)

    assert resources[key]["Properties"]["Enabled"] is False
    assert f'"{key}"' not in json.dumps([found.get("Properties") for found in resources.values()])


@pytest.mark.parametrize("value", ["existing", "off"])
def test_nothing_of_the_account_is_touched_otherwise(value: str) -> None:
    kinds = {found["Type"] for found in _resources(value).values()}

    assert not kinds & {FIRST, ACCOUNT}
