"""One build for all runtime tests, and an empty ledger for each."""

from collections.abc import Iterator

import pytest

from tests.runtime.workbench import Workbench, workbench


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The built artifact and all that its functions need."""
    with workbench(tmp_path_factory.mktemp("runtime")) as found:
        yield found


@pytest.fixture
def bench(built: Workbench) -> Workbench:
    """The same, with vendors that remember nothing."""
    built.sandbox.reset()
    return built
