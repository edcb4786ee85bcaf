"""The SQL event store that a stack names, opened from the operator's machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from tools.operator.stack import Stack
from track.store import open_store
from track.stores.sql import SqlStore

SECONDS = 60.0
"""What a statement may take."""


@contextmanager
def sql_store(stack: Stack) -> Iterator[SqlStore]:
    """The store of `EventStore`, with the password of track's own secret. Raises UpstreamError."""

    def secret(name: str) -> str:
        text: str = stack.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        return text

    url = stack.parameters.get("EventStore", "").replace("secret=own", f"secret={stack.secret('track')}")
    store = open_store(url, secret=secret, environment={})
    assert isinstance(store, SqlStore)  # noqa: S101 - the caller has seen the URL
    store.budget = SECONDS
    try:
        yield store
    except DBAPIError as error:
        raise store.meaning(error, sent=False) from error
    finally:
        store.close()
