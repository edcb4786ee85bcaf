"""OneSignal's socket, as its old clients know it."""

from tools.systems.page import FORM, JSON, MULTIPART, TEXT, ClientKeys, Page, Schema, anything, record

_ANSWER = record(
    "OneSignalAnswer",
    {"message": TEXT, "response": {"type": "object", "description": "OneSignal's own JSON."}},
)
_ERROR = record(
    "OneSignalError",
    {
        "message": {"type": "string", "description": "Says it all."},
        "response": {
            "description": "`errors`, a list of `field` and `problem`, where parameters are not valid; "
            "OneSignal's own JSON where it refuses; else empty."
        },
    },
)
_FIELDS = ("user_key", "_user_key", "api_key", "_api_key")


def _key(place: str, name: str) -> Schema:
    return {
        "type": "apiKey",
        "in": place,
        "name": name,
        "description": "A client key. The body may carry it too, in a field `user_key`, `_user_key`, "
        "`api_key` or `_api_key`. Asked for where `OneSignalClientKeys` says so; never handed on.",
    }


PAGE = Page(
    about=(
        'The Syncano-style socket "Track". Three URL layouts, one meaning: `/onesignal/…`, and '
        "`/v2/instances/{instance}/…`, `/v3/instances/{instance}/…`, whose instance is ignored.\n\n"
        "Parameters are read from JSON, forms and the query; the body wins over the query, and a form's or "
        "query's field may hold JSON. No body means no parameters. While OneSignal is down the event is "
        "queued: 202, and `response` says so.\n\n"
        "None of these calls is idempotent at OneSignal. After a timeout nobody knows whether it counted; "
        "`OnUnknownOutcome` says whether it is sent again."
    ),
    envelope=_ERROR,
    successes=dict.fromkeys(
        ("new_session", "new_purchase", "increment_session_length", "track_open"), _ANSWER
    ),
    keys=ClientKeys(
        schemes={
            "OneSignalApiKey": _key("header", "x-api-key"),
            "OneSignalUserKey": _key("header", "x-user-key"),
        }
        | {f"OneSignalQuery_{name}": _key("query", name) for name in _FIELDS},
        sample={"x-api-key": "local-client-key"},
        required=False,
    ),
    media=(JSON, FORM, MULTIPART),
    queries={
        "*": (anything("fields", "The body's fields may stand in the query instead; the body's own win."),)
    },
    refusals=(
        (400, {"errors": ["No user with this id found"]}, "OneSignal knows no such player."),
        (400, {"errors": ["not a valid device_type"]}, "OneSignal takes no such device type."),
        (400, {"errors": ["Invalid amount spend"]}, "OneSignal takes no such amount."),
    ),
    wraps_refusals=True,
    unknown_paths={"onesignal": "onesignal/nothing"},
)
