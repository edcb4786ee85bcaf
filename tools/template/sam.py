"""Prints the template after SAM's transform, as JSON.

Run by the Python of the SAM CLI, whose transform it is: `.tools/sam/bin/python sam.py template.yaml`.
"""

import json
import sys
from pathlib import Path

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

REGION = "us-east-1"


class NoPolicyTemplates:
    """SAM asks the account for managed policies by name; the template names none."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


def main() -> None:
    """See the module."""
    template = yaml_parse(Path(sys.argv[1]).read_text())
    text = SamTemplateValidator(
        template, NoPolicyTemplates(), region=REGION
    ).get_translated_template_if_valid()
    json.dump(yaml_parse(text), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
