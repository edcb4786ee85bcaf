"""Prints the template after SAM's transform, as JSON: checkov does not merge Globals, nor know SAM's roles.

Run by the Python of the SAM CLI, whose transform it is: `.tools/sam/bin/python transformed.py template.yaml`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

REGION = "us-east-1"


class NoPolicyTemplates:
    """SAM asks the account for managed policies by name; the template names none."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


def everything_on(value: Any) -> Any:
    """Every `!If` decided for its first branch, which is the one that has more in it."""
    if isinstance(value, dict):
        if value.keys() == {"Fn::If"}:
            return everything_on(value["Fn::If"][1])
        return {name: everything_on(member) for name, member in value.items()}
    if isinstance(value, list):
        return [everything_on(member) for member in value]
    return value


def main() -> None:
    """See the module."""
    template = yaml_parse(Path(sys.argv[1]).read_text())
    text = SamTemplateValidator(
        template, NoPolicyTemplates(), region=REGION
    ).get_translated_template_if_valid()
    found = yaml_parse(text)
    for resource in found["Resources"].values():
        # An OpenAPI document of 10,000 lines, in which checkov looks for nothing and takes half a minute.
        resource.get("Properties", {}).pop("Body", None)
    json.dump(found | {"Resources": everything_on(found["Resources"])}, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
