"""Makes the tables of track's event store: `python -m tools.systems.track.migrate --url mysql+pymysql://…`.

Run it before the first deployment that stores in a database, and after each release that says so. It may run
many times and from many places at once.
"""

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from gateway.core.errors import UpstreamError
from track.store import open_store
from track.stores import migrations
from track.stores.mysql import MySqlStore

STEP_SECONDS = 3600.0
"""A new column in a table of many years takes its time."""


def migrate(url: str, *, dry_run: bool = False) -> list[int]:
    """Bring the database at `url` up to date; return the versions applied, or with `dry_run` those missing.

    An SQLite file is brought up to date whenever it is opened, so that no version is ever missing. Raises
    Setup or Transient as the store does, TimeoutError if another migration holds the lock too long.
    """
    if url.startswith("sqlite:"):
        if not dry_run:
            open_store(url).close()
        return []
    store = MySqlStore(url, secret=_read_secret)
    store.budget = 3 * STEP_SECONDS  # each wait is a third of it
    try:
        with store.engine.connect() as connection:
            return migrations.pending(connection) if dry_run else migrations.migrate(connection)
    except DBAPIError as error:
        raise store.meaning(error, sent=False) from error
    finally:
        store.close()


def _read_secret(name: str) -> str:
    import boto3  # here, as most runs have no secret and boto3 takes its time

    text: str = boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 if the database is up to date, 1 if not."""
    parser = argparse.ArgumentParser(prog="tools.systems.track.migrate", description=__doc__)
    parser.add_argument(
        "--url", required=True, help="the event store, mysql+pymysql://user:password@host/database"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say which versions are missing")
    options = parser.parse_args(arguments)
    try:
        versions = migrate(options.url, dry_run=options.dry_run)
    except (UpstreamError, TimeoutError) as error:
        sys.stderr.write(f"not migrated: {error}\n")
        return 1
    said = ", ".join(f"version {version}" for version in versions)
    sys.stdout.write(f"{'missing' if options.dry_run else 'applied'}: {said}\n" if said else "up to date\n")
    return 1 if options.dry_run and versions else 0


if __name__ == "__main__":
    raise SystemExit(main())
