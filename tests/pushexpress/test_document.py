"""What docs/openapi.json says of push.express alone."""

from tests.fixtures.document import Document


def test_push_express_says_what_is_recommended(document: Document) -> None:
    fields = document.data["components"]["schemas"]["PushExpressInfo"]["properties"]

    recommended = [name for name, field in fields.items() if "Recommended." in field.get("description", "")]
    assert recommended == ["lang", "country", "tz_sec", "agent_name"]


def test_push_express_takes_events_without_a_word(document: Document) -> None:
    for endpoint in ("notification", "lifecycle"):
        path = f"/api/r/v2/apps/{{app_id}}/instances/{{ic_id}}/events/{endpoint}"
        answer = document.resolved(document.data["paths"][path]["post"]["responses"]["202"])
        assert "content" not in answer
