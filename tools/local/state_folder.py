"""The state folder of a local run: writable, and used by one run at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from tools.errors import CommandError
from tools.local import running
from tools.places import Places


@contextmanager
def exclusive(places: Places) -> Iterator[int]:
    """Reserve the state folder for the length of the block; yields the descriptor of the locked file.

    Raises CommandError if the folder cannot be written, or another run uses it.
    """
    with ExitStack() as opened:
        remedy = "choose a folder of your own with `make local STATE=…`"
        with writable(places.state, remedy):
            places.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = opened.enter_context(places.lock.open("a"))
        with writable(places.logs, remedy):
            places.logs.mkdir(exist_ok=True)
            TemporaryFile(dir=places.logs).close()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            told = running.told(places)
            if running.has_ended(told):
                raise CommandError(
                    f"the run before ({told}) has ended, and its local AWS still writes to {places.state}: "
                    "try again in a few seconds"
                ) from error
            by = f" ({told})" if told else ""
            raise CommandError(
                f"another local run uses {places.state}{by}: use that one, stop it first, "
                f"or run beside it with `make local {running.BESIDE}`"
            ) from error
        running.tell(places)
        yield lock.fileno()


@contextmanager
def writable(folder: Path, remedy: str) -> Iterator[None]:
    """Turn an OSError of the block into a CommandError: `folder` cannot be written, and what to do."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{folder} cannot be written ({error.strerror}): {remedy}") from error
