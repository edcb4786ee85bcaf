"""push.express SDK API v2."""

from tools.systems.page import TEXT, Page, Schema, anything, record

_ID: Schema = {"type": "string", "description": "The instance's id; a text, whatever the upstream sends."}
_INSTANCE = record(
    "PushExpressIdentified",
    {"id": _ID},
    just_created={"type": "boolean", "description": "Whether it is new."},
)
_ORIGIN: Schema = {
    "name": "origin",
    "in": "query",
    "description": "What the SDKs say of themselves; handed on, repeats included.",
    "schema": TEXT,
    "example": "droid",
}

PAGE = Page(
    about=(
        "SDK API v2. There is no key: the app's id is the identity, and `PushExpressAppIds` lists those that "
        "may pass. `country`, `lang`, `tz_sec` and `agent_name` of an instance are recommended. The query is "
        "handed on. `PushExpressStrict` enforces the lists of values, which push.express's own SDKs do not "
        "keep to.\n\n"
        "Events are answered 202 without content and without a content type, and queued while push.express "
        "is down: a notification's event counts once for a message, a lifecycle event is of use for 120 "
        "seconds, and a lifecycle call without a body is a heartbeat, never queued. The other calls need "
        "push.express's own answer. Every status from 400 on is an error."
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
    queries={"*": (_ORIGIN, anything("others", "Any other field of the query is handed on, too."))},
    refusals=((400, {"message": "validation error: ext_id is too long"}, "push.express refuses it."),),
    unknown_paths={"push.express": "api/r/v2/nothing"},
)
