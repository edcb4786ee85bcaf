"""track's event store, opened by its URL, the one setting."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from gateway.core.errors import NotYet, Setup, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.outbound import aws
from track.stores.base import Store
from track.stores.firehose import MAX_RECORDS, FirehoseStore, Post, meaning

SECRET_SECONDS = 2.0

# A SQL store is imported when it is opened: SQLAlchemy would double the cold start of the other functions.

_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"}


def read_secret(name: str) -> str:
    """The text of a secret in Secrets Manager, by its name or ARN. Raises Transient, Setup."""
    try:
        answer = aws.post("secretsmanager", "GetSecretValue", {"SecretId": name}, seconds=SECRET_SECONDS)
    except aws.AwsError as error:
        raise meaning(error) from error
    return str(answer.get("SecretString", ""))


def open_store(
    url: str,
    *,
    secret: Callable[[str], str] = read_secret,
    post: Post = aws.post,
    environment: Mapping[str, str] = os.environ,
) -> Store:
    """Open `sqlite:///<path>`, `mysql+pymysql://…` or `firehose://<stream>`; see contract "track".

    `secret` returns a secret's text by its name or ARN, for `?secret=…`; `post` calls AWS. A relative path
    is the caller's to resolve. Raises Setup for a URL that cannot be used here, and Transient if an SQLite
    file stays locked.
    """
    on_aws = bool(_LAMBDA & environment.keys()) and not environment.get("AWS_ENDPOINT_URL")
    scheme = url.partition("://")[0]
    if scheme == "firehose":
        return FirehoseStore(url, post=post)
    if scheme == "sqlite":
        if on_aws:
            raise Setup("SQLite on AWS, where the disk is lost")
        from track.stores.sqlite import SqliteStore, file_of

        return SqliteStore(file_of(url))
    if scheme in ("mysql", "mysql+pymysql"):
        if on_aws and _has_password(url):
            raise Setup("password in the store's URL")
        from track.stores.mysql import MySqlStore

        return MySqlStore(url, secret=secret)
    raise Setup("store URL unreadable")


class EventStore:
    """The store at `url` as a system's upstream, opened during INIT or by the first task, which then fails
    with what is wrong. Takes the options of `open_store`. Threads take turns."""

    at_once = MAX_RECORDS

    def __init__(self, url: str, **options: Any) -> None:
        """Nothing is opened yet."""
        self._open = partial(open_store, url, **options)
        self._store: Store | None = None
        self._turn = threading.Lock()

    def prepare(self) -> None:
        """Open it. The first task repeats a failure."""
        with suppress(UpstreamError):
            self._opened()

    def together(self, task: DeliveryTask) -> str:
        """All rows go together."""
        del task
        return ""

    def wait(self, task: DeliveryTask) -> float:
        """Nothing: a store takes every row at any time."""
        del task
        return 0

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """See Store. Raises Transient, Setup, Refused, and NotYet if this thread's turn does not come."""
        with self._within(seconds) as left:
            return self._opened().send(task, seconds=left)

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """See Store. Raises Transient, Setup if the store cannot be opened, NotYet if no turn comes."""
        with self._within(seconds) as left:
            return self._opened().send_many(tasks, seconds=left)

    @contextmanager
    def _within(self, seconds: float) -> Iterator[float]:
        """This thread's turn, and what is then left of its time."""
        deadline = time.monotonic() + seconds
        if not self._turn.acquire(timeout=seconds):
            raise NotYet("store busy", tried=False)  # the thread whose turn it is tells how the store is
        try:
            yield deadline - time.monotonic()
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close connections; the next task opens the store again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _opened(self) -> Store:
        if self._store is None:
            try:
                self._store = self._open()
            except UpstreamError as error:
                error.tried = False  # no store is open, so nothing was sent
                raise
        return self._store


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        raise Setup("store URL unreadable") from None
