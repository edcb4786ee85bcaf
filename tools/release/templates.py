"""A release's template: it refers to zips beside it that are built for one processor."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

FUNCTIONS = "functions.zip"

_CODE = re.compile(r"^( +CodeUri: )(\S+)$", re.MULTILINE)
_LAYER = re.compile(r"^( +ContentUri: )(\S+)$", re.MULTILINE)
_BUILD = re.compile(r"^    Metadata: \{BuildMethod: makefile, .*\}\n", re.MULTILINE)
_ARCHITECTURE = re.compile(
    r"^(  Architecture:\n    Type: String\n    Default: ).*\n(    AllowedValues: ).*\n    Description: .*$",
    re.MULTILINE,
)


def layer_folders(template: str) -> list[str]:
    """The source folders of the template's layers: `layers/shared/`."""
    return [found[2] for found in _LAYER.finditer(template)]


def layer_zip(folder: str, architecture: str) -> str:
    """The name of a layer's zip: `shared-layer-arm64.zip`."""
    return f"{PurePosixPath(folder).name}-layer-{architecture}.zip"


def released(template: str, architecture: str) -> str:
    """The template with zips in place of folders. Raises ValueError if its form is not as expected."""
    layers = len(layer_folders(template))
    text = _replaced(_CODE, rf"\g<1>{FUNCTIONS}", template, times=1)
    text = _LAYER.sub(lambda found: found[1] + layer_zip(found[2], architecture), text)
    text = _replaced(_BUILD, "", text, times=layers)
    about = f"Processor of the functions. This template's layers are built for {architecture}."
    chosen = rf"\g<1>{architecture}\n\g<2>[{architecture}]\n    Description: {about}"
    return _replaced(_ARCHITECTURE, chosen, text, times=1)


def _replaced(pattern: re.Pattern[str], by: str, text: str, *, times: int) -> str:
    changed, found = pattern.subn(by, text)
    if found != times:
        raise ValueError(f"template.yaml has {found} places of the form {pattern.pattern!r}, not {times}")
    return changed
