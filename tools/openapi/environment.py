"""The settings that the document speaks of: the template's defaults. Functions read theirs when imported."""

from __future__ import annotations

import os

from tools.template.reader import Template

NEEDED = {
    "ONESIGNAL_APP_ID": "local-onesignal-app",
    "PUSHEXPRESS_APP_IDS": "*",
    # Nothing is stored, sent or fetched.
    "EVENT_STORE": "",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
"""What no default could say, and what keeps a handler to itself."""


def set_up(template: Template) -> None:
    """Call before a function is imported; what this process was given counts for nothing."""
    for variable, parameter in template.settings.items():
        os.environ[variable] = str(template.parameters[parameter].get("Default", ""))
    os.environ |= NEEDED
