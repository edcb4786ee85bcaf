"""The deployed local API that tests share: started once, at the first test that asks for it."""

from collections.abc import Iterator

import pytest

from tools.local import LocalStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The whole API on free ports, its systems at the sandbox; see LocalStack."""
    with LocalStack(state=tmp_path_factory.mktemp("stack")) as running:
        yield running
