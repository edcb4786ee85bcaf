"""What docs/openapi.json says of MyTracker alone."""

import pytest

from tests.fixtures.document import Document
from tests.openapi.test_rules import ENDPOINTS, accepted
from tests.sample_events import load_event
from tools.openapi.sample_event import sample_body


def test_mytracker_shows_no_null(document: Document) -> None:
    for name, schema in document.data["components"]["schemas"].items():
        if name.startswith("MyTracker"):
            assert "null" not in str(schema)


@pytest.mark.parametrize(
    "endpoint", [name for name in ENDPOINTS if name.startswith("mytracker.") and name.endswith("_batch")]
)
@pytest.mark.parametrize("size", [0, 1, 20, 21])
def test_sizes_of_batches(document: Document, endpoint: str, size: int) -> None:
    name = endpoint.replace(".", "_")
    (operation,) = [one for _, _, one in document.operations() if one["operationId"] == name]
    schema = document.resolved(operation["requestBody"])["content"]["application/json"]["schema"]
    batch = [sample_body(load_event(endpoint.replace(".", "/")))[0]] * size

    assert (document.problems(schema, batch) == []) == accepted(endpoint, batch) == (1 <= size <= 20)
