"""Where track's events go: one setting, the store's URL, opened here."""

import os
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from gateway import aws
from gateway.errors import Setup
from track.stores.base import Store
from track.stores.firehose import FirehoseStore, Post

# A SQL store is imported where it is opened: SQLAlchemy would double the cold start of the other functions.

_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"}


def open_store(
    url: str,
    *,
    seconds: float = 1.8,
    secret: Callable[[str], str] | None = None,
    post: Post = aws.post,
    environment: Mapping[str, str] = os.environ,
) -> Store:
    """Open `sqlite:///<path>`, `mysql+pymysql://…` or `firehose://<stream>`; see contract "track".

    `seconds` is the budget of each `send` and `send_many`. `secret` returns a secret's text by its name or
    ARN, for `?secret=…`; `post` calls AWS. A relative path is the caller's to resolve. Raises Setup for a
    URL that cannot be used here, and Transient if an SQLite file stays locked.
    """
    on_aws = bool(_LAMBDA & environment.keys()) and not environment.get("AWS_ENDPOINT_URL")
    scheme = url.partition("://")[0]
    if scheme == "firehose":
        return FirehoseStore(url, seconds=seconds, post=post)
    if scheme == "sqlite":
        if on_aws:
            raise Setup("SQLite on AWS, where the disk is lost")
        from track.stores.sqlite import SqliteStore, file_of

        return SqliteStore(file_of(url), seconds=seconds)
    if scheme in ("mysql", "mysql+pymysql"):
        if on_aws and _has_password(url):
            raise Setup("password in the store's URL")
        from track.stores.mysql import MySqlStore

        return MySqlStore(url, seconds=seconds, secret=secret)
    raise Setup("store URL unreadable")


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        raise Setup("store URL unreadable") from None
