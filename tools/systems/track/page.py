"""track, the event collector."""

from tools.systems.page import FORM, JSON, TEXT, ClientKeys, Page

_EMPTY = {"type": "string", "maxLength": 0}

PAGE = Page(
    about=(
        "The event collector, under its two prefixes; the gateway is the store. 201 says that the event is "
        "durable: stored, or in the queue on its way there.\n\n"
        "Bodies are forms, or JSON where the type says so or the first byte is `{`; multipart is not read, "
        "and neither is the query. Names count in any case; of several values the last counts; an unknown "
        "name is refused. A field that is empty or null counts as absent, a ProfileID of 0 too; an empty "
        "amount is refused. In JSON a text may be a number or a boolean: what counts is how it is written. "
        "Answers are plain text."
    ),
    envelope=TEXT,
    successes=dict.fromkeys(("session", "user", "item", "purchase"), _EMPTY),
    keys=ClientKeys(
        schemes={
            "TrackApiKey": {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "A client key. Asked for where `TrackClientKeys` says so.",
            },
            "TrackBearer": {"type": "http", "scheme": "bearer", "description": "The same, as a bearer's."},
        },
        sample={"X-API-Key": "local-client-key"},
        required=False,
    ),
    media=(FORM, JSON),
    refused_values={"Region": ("The Region is none.", "B1")},
    unknown_paths={"track": "v1/track/nothing"},
)
