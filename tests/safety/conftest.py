"""What is logged while a test runs, by everybody and at every level."""

import io
import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from gateway.core.telemetry import log


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that reached the log since the last look: everybody's, at DEBUG, and what was printed."""
    written = io.StringIO()
    everybodys = logging.StreamHandler(written)
    everybodys.setFormatter(log.registered_formatter)
    # A local run that other tests share has threads of its own, which talk to the local AWS. A record does
    # not name its thread: see gateway/core/telemetry.py.
    here = threading.get_ident()
    everybodys.addFilter(lambda record: threading.get_ident() == here)
    root = logging.getLogger()
    level = root.level
    root.addHandler(everybodys)
    root.setLevel(logging.DEBUG)

    def look() -> str:
        text = written.getvalue()
        written.seek(0)
        written.truncate()
        captured = capsys.readouterr()
        return text + captured.out + captured.err

    yield look
    root.removeHandler(everybodys)
    root.setLevel(level)
