"""Client keys and credentials made with `bin/trackgate --local`, carried over to the next local run.

They come from the state that MiniStack writes when it ends, as messages do (queue_snapshot.py). What the run
itself wrote is left out: each start makes the local client key anew, and a vendor's credential given as
`<SYSTEM>_CREDENTIAL` belongs to the run that it was given to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.local.snapshot_file import logical_id, saved, write_private

type Document = dict[str, Any]
"""See gateway/secrets.py for its form."""

OWN = "trackgate:written-by-the-run"
"""The tag of a secret that a run has written: SHA-256 (hex) of the credential that the run itself put there
under `*`, empty if that came from an earlier run."""

LOCAL_KEY = "local"
"""The id of the client key that is made anew at each start."""


def fingerprint(credential: str) -> str:
    """What OWN says of a credential."""
    return hashlib.sha256(credential.encode()).hexdigest()


def read(file: Path) -> dict[str, Document]:
    """What is kept, by the logical id of its secret; nothing if there is no file."""
    found: dict[str, Document] = json.loads(file.read_text()) if file.exists() else {}
    return found


def take_over(state: Path, file: Path) -> None:
    """Bring the file up to what MiniStack wrote into its state folder; what has no secret there stays."""
    kept = read(file)
    for secret in saved(state / "secretsmanager.json", "secrets"):
        own = {tag["Key"]: tag["Value"] for tag in secret["Tags"]}.get(OWN)
        document = _current(secret)
        # Without the tag it is the template's empty one: the start failed before it was written.
        if own is not None and document is not None:
            name = logical_id(secret["Name"])
            kept[name] = _made(document, own, kept.get(name, {}))
    write_private(file, {name: document for name, document in kept.items() if any(document.values())})


def _current(secret: Mapping[str, Any]) -> Document | None:
    """The document as it stands; None for what somebody made of it by hand that is no JSON object."""
    for version in secret["Versions"].values():
        if "AWSCURRENT" in version["Stages"]:
            try:
                document = json.loads(version["SecretString"])
            except (TypeError, ValueError):
                return None
            return document if isinstance(document, dict) else None
    return None


def _made(document: Document, own: str, before: Document) -> Document:
    credentials = dict(document.get("credentials") or {})
    if fingerprint(str(credentials.get("*", ""))) == own:
        del credentials["*"]
        earlier = before.get("credentials") or {}
        credentials |= {"*": earlier["*"]} if "*" in earlier else {}
    keys = [key for key in document.get("client_keys") or [] if key.get("id") != LOCAL_KEY]
    return {"credentials": credentials, "client_keys": keys}
