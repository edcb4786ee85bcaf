"""A system's secret, changed so that two operators at once cannot undo each other's work.

A new version is staged aside; then AWSCURRENT is moved to it from the very version that was read. If another
editor moved it meanwhile, Secrets Manager refuses, and the change is made again on what stands there now.
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
    """The document as it stands. Raises Trouble."""
    return _read(secrets, secret_id)[0]


def edit(secrets: Any, secret_id: str, change: Callable[[Document], Document]) -> None:
    """Replace the document by `change` of it. `change` may be called several times.

    Raises Trouble where others keep coming first, or where the document grows too large.
    """
    for attempt in range(TRIES):
        document, version = _read(secrets, secret_id)
        text = json.dumps(change(document))
        if len(text.encode()) > MAX_BYTES:
            raise CommandError(
                f"The secret would be larger than {MAX_BYTES} bytes: revoke keys that are over"
            )
        if _put(secrets, secret_id, text, replacing=version):
            return
        time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 5)))
    raise CommandError("Others keep changing the secret: try again")


def _read(secrets: Any, secret_id: str) -> tuple[Document, str]:
    found = secrets.get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")
    try:
        document = json.loads(found["SecretString"])
    except (KeyError, ValueError):
        document = None
    if not isinstance(document, dict):
        # Not repaired: it may be somebody's only copy of a credential, put there by hand.
        raise CommandError(f"The secret {secret_id} is not a JSON object: mend it by hand")
    return document, found["VersionId"]


def _put(secrets: Any, secret_id: str, text: str, *, replacing: str) -> bool:
    """Whether the text is current now; False if another version than `replacing` was."""
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
        return _read(secrets, secret_id)[1] == version  # an answer that was lost, and a second try
    finally:
        # A version without a label goes by itself; labels are few (20), yet one left over does no harm.
        with suppress(ClientError):
            secrets.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version
            )
