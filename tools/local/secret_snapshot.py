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

from tools.local.snapshot_file import logical_id, readable, stored, write_private

type Document = dict[str, Any]
"""See gateway/secrets.py for its form."""

OWN = "trackgate:written-by-the-run"
"""The tag of a secret that a run has written: SHA-256 (hex) of the credential for `*` that the run itself put
there; empty if it came from an earlier run."""

LOCAL_KEY = "local"
"""The id of the client key that each start creates."""


def fingerprint(credential: str) -> str:
    """The value of OWN for a credential."""
    return hashlib.sha256(credential.encode()).hexdigest()


def read(file: Path) -> dict[str, Document]:
    """The documents by the logical ids of their secrets; none if there is no file."""
    with readable(file):
        found: dict[str, Document] = dict(json.loads(file.read_text())) if file.exists() else {}
        if not all(isinstance(document, dict) for document in found.values()):
            raise ValueError("a secret is not an object")
    return found


def update(state: Path, file: Path) -> None:
    """Update the file from MiniStack's state folder; documents without a secret there stay."""
    documents = read(file)
    for secret in stored(state / "secretsmanager.json", "secrets"):
        own = {tag["Key"]: tag["Value"] for tag in secret["Tags"]}.get(OWN)
        document = _current(secret)
        # Without the tag it is the template's empty secret: the start failed before writing it.
        if own is not None and document is not None:
            name = logical_id(secret["Name"])
            documents[name] = _made_by_hand(document, own, documents.get(name, {}))
    write_private(file, {name: document for name, document in documents.items() if any(document.values())})


def _current(secret: Mapping[str, Any]) -> Document | None:
    """The current document; None if somebody has replaced it with something other than a JSON object."""
    for version in secret["Versions"].values():
        if "AWSCURRENT" in version["Stages"]:
            try:
                document = json.loads(version["SecretString"])
            except (TypeError, ValueError):
                return None
            return document if isinstance(document, dict) else None
    return None


def _made_by_hand(document: Document, own: str, before: Document) -> Document:
    """The document without what the run wrote."""
    credentials = dict(document.get("credentials") or {})
    if fingerprint(str(credentials.get("*", ""))) == own:
        del credentials["*"]
        earlier = before.get("credentials") or {}
        credentials |= {"*": earlier["*"]} if "*" in earlier else {}
    keys = [key for key in document.get("client_keys") or [] if key.get("id") != LOCAL_KEY]
    return {"credentials": credentials, "client_keys": keys, "accounts": document.get("accounts") or {}}
