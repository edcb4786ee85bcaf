"""How the ids of users and devices are compared: a UUID's case does not count."""

import re

HEX = "[0-9a-fA-F]"
UUID_TEXT = f"{HEX}{{8}}(-{HEX}{{4}}){{3}}-{HEX}{{12}}"
"""A UUID as a regular expression, in either case."""

_UUID = re.compile(UUID_TEXT)
_EMBEDDED = re.compile(f"(?<![0-9A-Za-z]){UUID_TEXT}(?![0-9A-Za-z])")


def is_uuid(text: str) -> bool:
    """Whether an id is a UUID, in either case."""
    return _UUID.fullmatch(text) is not None


def same_id(text: str) -> str:
    """An id in the form in which it is compared: a UUID in lower case, any other text unchanged."""
    return text.lower() if is_uuid(text) else text


def without_case(text: str) -> str:
    """The text with every UUID in it in lower case."""
    return _EMBEDDED.sub(lambda found: found[0].lower(), text)
