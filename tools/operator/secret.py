"""A system's secret, changed so that two operators cannot undo each other's work.

A new version is staged first; then AWSCURRENT is moved to it from the version that was read. If it was
moved meanwhile, Secrets Manager refuses, and the change is made again on the current version.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError

type Document = dict[str, Any]
"""See gateway/secrets.py for its form."""

TRIES = 10
MAX_BYTES = 65_536
"""Secrets Manager's limit for a secret's text."""

_LOST = ("InvalidParameterException", "InvalidRequestException")


def read(secrets: Any, secret_id: str) -> Document:
    """The current document. Raises CommandError."""
    return _read(secrets, secret_id)[0]


def credentials(document: Document) -> dict[str, Any]:
    """A document's credentials by account, none where somebody has broken them by hand."""
    found = document.get("credentials")
    return found if isinstance(found, dict) else {}


def edit(secrets: Any, secret_id: str, change: Callable[[Document], Document]) -> None:
    """Replace the document with the result of `change`, which may be called several times.

    Raises CommandError if other editors keep interfering, or if the document grows too large.
    """
    for attempt in range(TRIES):
        document, version = _read(secrets, secret_id)
        text = json.dumps(change(document))
        if len(text.encode()) > MAX_BYTES:
            raise CommandError(f"The secret would exceed {MAX_BYTES} bytes: revoke expired keys")
        if _put(secrets, secret_id, text, replacing=version):
            return
        time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 5)))
    raise CommandError("Other operators keep changing the secret: try again")


def _read(secrets: Any, secret_id: str) -> tuple[Document, str]:
    found = secrets.get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")
    try:
        document = json.loads(found["SecretString"])
    except (KeyError, ValueError):
        document = None
    if not isinstance(document, dict):
        # Not repaired: it may be the only copy of a credential that somebody put there by hand.
        raise CommandError(
            f"The secret {secret_id} is not a JSON object: correct it; docs/deploy.md has its form"
        )
    return document, found["VersionId"]


def _put(secrets: Any, secret_id: str, text: str, *, replacing: str) -> bool:
    """Make the text current; False if the current version was not `replacing`."""
    version = str(uuid.uuid4())
    stage = f"trackgate-{version}"
    secrets.put_secret_value(
        SecretId=secret_id, ClientRequestToken=version, SecretString=text, VersionStages=[stage]
    )
    try:
        secrets.update_secret_version_stage(
            SecretId=secret_id,
            VersionStage="AWSCURRENT",
            MoveToVersionId=version,
            RemoveFromVersionId=replacing,
        )
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] not in _LOST or _read(secrets, secret_id)[1] == replacing:
            raise
        return _read(secrets, secret_id)[1] == version  # the response was lost, and botocore tried again
    finally:
        # Secrets Manager removes a version without a label; a leftover label does no harm (20 are allowed).
        with suppress(ClientError):
            secrets.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version
            )
