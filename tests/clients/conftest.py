"""What the tests of the published clients stand on: https before the API, the vendors, one browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.chromium import Browser
from tests.clients.published import Published
from tests.clients.secure import HERE, Secure, https
from tests.npm import installed
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox


@pytest.fixture(scope="session")
def modules() -> Path:
    """The folder of the published clients; asked for first, since it may skip the test."""
    return installed(HERE)


@pytest.fixture(scope="session")
def secure(modules: Path, local: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """The API as it is with a domain."""
    with https(local, modules, tmp_path_factory.mktemp("secure")) as secure:
        yield secure


@pytest.fixture(scope="session")
def staged(modules: Path, local: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """The API as it is without a domain: the stage stands before every path."""
    with https(local, modules, tmp_path_factory.mktemp("staged"), staged=True) as staged:
        yield staged


@pytest.fixture
def sandbox(local: LocalStack) -> Iterator[Sandbox]:
    """The vendors, with an empty ledger and no faults."""
    sandbox = Sandbox(local.sandbox_url)
    sandbox.reset()
    yield sandbox
    sandbox.clear_faults()


@pytest.fixture(scope="session")
def started_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """See Browser."""
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def browser(request: pytest.FixtureRequest, client: Published) -> Browser | None:
    """The browser, if the client of the test is one for browsers."""
    if client.runtime == "Node.js":
        return None
    found: Browser = request.getfixturevalue("started_browser")
    return found
