"""The password of track's database: whether the store can read it, and whether the database accepts it."""

from __future__ import annotations

import json

from gateway.core.errors import Setup, UpstreamError
from tools.errors import CommandError
from tools.operator.accounts import EVERY
from tools.operator.stack import Stack
from tools.operator.vendor_credentials.own_credential import SECONDS, Verdict, character_name
from track.stores.address import Address


def needs_credential(stack: Stack) -> bool:
    """Whether the store signs in to a database with this secret."""
    return "secret=own" in stack.parameters.get("EventStore", "")


def checked(value: str) -> str:
    """A password, or what else the event store reads: an address, or RDS's JSON, which may have lines."""
    odd = next((each for each in value if not each.isprintable()), None)
    if odd and not value.lstrip().startswith("{"):
        raise CommandError(
            f"A database password is one line of printable characters; this one has {character_name(odd)}"
        )
    try:
        Address().completed(value)
    except Setup as error:
        raise CommandError(f"The event store cannot use this: {error.reason}") from error
    return value


def check(stack: Stack, credential: str) -> Verdict:
    """A connection to the database, and nothing sent on it, for a store that `needs_credential`."""
    from sqlalchemy.exc import DBAPIError  # here, because it and the driver are slow to import

    from track.stores.mysql import MySqlStore

    url = stack.parameters["EventStore"]

    try:
        store = MySqlStore(url, secret=lambda _: json.dumps({"credentials": {EVERY: credential}}))
    except UpstreamError as error:
        return _database_says(error)
    try:
        store.budget = SECONDS
        with store.engine.connect():
            return Verdict("accepted")
    except DBAPIError as error:
        return _database_says(store.meaning(error, sent=False))
    except UpstreamError as error:
        return _database_says(error)
    finally:
        store.close()


def _database_says(error: UpstreamError) -> Verdict:
    from track.stores.mysql import CredentialRefused  # here, for the same reason

    return Verdict("refused" if isinstance(error, CredentialRefused) else "unknown", error.reason)
