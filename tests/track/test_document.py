"""What docs/openapi.json says of track alone."""

from tests.fixtures.document import Document


def test_track_is_text_and_takes_forms(document: Document) -> None:
    for path, _, operation in document.operations():
        if operation["tags"] == ["track"]:
            body = document.resolved(operation["requestBody"])
            assert list(body["content"]) == ["application/x-www-form-urlencoded", "application/json"], path
            for status in ("201", "400", "503"):
                answer = document.resolved(operation["responses"][status])
                assert list(answer["content"]) == ["text/plain; charset=utf-8"]
