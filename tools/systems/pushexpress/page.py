"""push.express SDK API v2."""

from tools.systems.page import TEXT, Page, Schema, anything, record

_ID: Schema = {"type": "string", "description": "The instance's id; always a string."}
_INSTANCE = record(
    "PushExpressIdentified",
    {"id": _ID},
    just_created={"type": "boolean", "description": "Whether the instance is new."},
)
_ORIGIN: Schema = {
    "name": "origin",
    "in": "query",
    "description": "How the SDKs identify themselves. Passed on, repetitions included.",
    "schema": TEXT,
    "example": "droid",
}

PAGE = Page(
    about=(
        "The SDK API v2. It has no keys: the app id is the identity, and the setting `PushExpressAppIds` "
        "lists the allowed ones. `country`, `lang`, `tz_sec` and `agent_name` of an instance are "
        "recommended. The query is passed on. The setting `PushExpressStrict` enforces the documented lists "
        "of values, from which push.express's own SDKs deviate.\n\n"
        "Events are answered with 202, without a body or a content type, and queued if push.express is down. "
        "A notification event counts once per message, a lifecycle event expires after 120 seconds, and a "
        "lifecycle call without a body is a heartbeat, which is never queued. All other calls need "
        "push.express's own answer. Every status of 400 or above is an error."
    ),
    envelope=record("PushExpressError", {"message": TEXT}),
    successes={
        "create_instance": _INSTANCE,
        "update_instance": record(
            "PushExpressUpdated",
            {
                "id": _ID,
                "update_interval_sec": {
                    "type": "number",
                    "description": "Seconds until the next call, after a success.",
                },
            },
        ),
        "deactivate_instance": _INSTANCE,
    },
    queries={"*": (_ORIGIN, anything("others", "Any other query parameter is passed on."))},
    refusals=((400, {"message": "validation error: ext_id is too long"}, "push.express refused the call."),),
    unknown_paths={"push.express": "api/r/v2/nothing"},
)
