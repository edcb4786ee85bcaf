"""track, the event collector."""

from tools.systems.page import FORM, JSON, TEXT, ClientKeys, Page

_EMPTY = {"type": "string", "maxLength": 0}

PAGE = Page(
    about=(
        "The event collector, under its two prefixes. The gateway itself stores the events: 201 means that "
        "the event is stored or safely queued for storage.\n\n"
        "Bodies are forms, or JSON if `Content-Type` says so or the first byte is `{`. Multipart forms and "
        "the query are not read. Field names are case-insensitive, the last of several values counts, and "
        "unknown names are refused. An empty or null field counts as absent, and so does a ProfileID of 0; "
        "an empty amount is refused. In JSON, a number or a boolean is accepted where a string is expected, "
        "and keeps its spelling. Answers are plain text."
    ),
    envelope=TEXT,
    successes=dict.fromkeys(("session", "user", "item", "purchase"), _EMPTY),
    keys=ClientKeys(
        schemes={
            "TrackApiKey": {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "A client key, required if the setting `TrackClientKeys` says so.",
            },
            "TrackBearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The same key as a bearer token.",
            },
        },
        sample={"X-API-Key": "local-client-key"},
        required=False,
    ),
    media=(FORM, JSON),
    refused_values={"Region": ("The Region is invalid.", "B1")},
    unknown_paths={"track": "v1/track/nothing"},
)
