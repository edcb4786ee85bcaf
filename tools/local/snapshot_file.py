"""Reads the state that MiniStack writes when it ends, and writes private files with parts of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.errors import CommandError
from tools.local.deploy import STACK


def stored(file: Path, name: str) -> Iterator[Mapping[str, Any]]:
    """The entries of one of MiniStack's stores, of all accounts and regions."""
    if file.exists():
        store = json.loads(file.read_text())["payload"][name]
        yield from store["data"].values()


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Turn what the block finds wrong with a file of an earlier run into a CommandError."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CommandError(
            f"{file} is damaged or of another version ({type(error).__name__}: {error}): move it away to "
            "start without what an earlier run left, or choose another folder with `make local STATE=…`"
        ) from error


def logical_id(physical_id: str) -> str:
    """`trackgate-AcmeQueue-46E411BCD3649` is AcmeQueue."""
    return physical_id.removeprefix(f"{STACK}-").rpartition("-")[0]


def write_private(file: Path, value: Mapping[str, Any]) -> None:
    """Write JSON that only its owner can read; a crash leaves the old or the new file. No file if empty."""
    if not value:
        file.unlink(missing_ok=True)
        return
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        json.dump(value, opened)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
