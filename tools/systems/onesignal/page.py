"""OneSignal's socket, as its old clients know it."""

from tools.systems.page import FORM, JSON, MULTIPART, TEXT, ClientKeys, Page, Schema, anything, record

_ANSWER = record(
    "OneSignalAnswer",
    {"message": TEXT, "response": {"type": "object", "description": "OneSignal's own JSON."}},
)
_ERROR = record(
    "OneSignalError",
    {
        "message": {"type": "string", "description": "What happened, in one sentence."},
        "response": {
            "description": "For invalid parameters, `errors`: a list of `field` and `problem`. For a "
            "refusal by OneSignal, its own JSON. Otherwise empty."
        },
    },
)
_FIELDS = ("user_key", "_user_key", "api_key", "_api_key")


def _key(place: str, name: str) -> Schema:
    return {
        "type": "apiKey",
        "in": place,
        "name": name,
        "description": "A client key, required if the setting `OneSignalClientKeys` says so. It may also be "
        "a field of the body: `user_key`, `_user_key`, `api_key` or `_api_key`. It is never passed on.",
    }


PAGE = Page(
    about=(
        'The Syncano-style socket "Track", under three equivalent URL layouts: `/onesignal/…`, '
        "`/v2/instances/{instance}/…` and `/v3/instances/{instance}/…`, whose instance is ignored.\n\n"
        "Parameters are read from JSON, forms and the query. The body takes precedence over the query, and a "
        "form or query field may contain JSON. No body means no parameters. If OneSignal is down, the event "
        "is queued: the status is 202, and `response` says so.\n\n"
        "None of these calls is idempotent at OneSignal. After a timeout nobody knows whether the event "
        "counted; the setting `OnUnknownOutcome` decides whether it is sent again."
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
        "*": (
            anything(
                "fields", "Fields of the body may be given in the query instead; the body takes precedence."
            ),
        )
    },
    refusals=(
        (400, {"errors": ["No user with this id found"]}, "OneSignal does not know the player."),
        (400, {"errors": ["not a valid device_type"]}, "OneSignal refused the device type."),
        (400, {"errors": ["Invalid amount spend"]}, "OneSignal refused the amount."),
    ),
    wraps_refusals=True,
    unknown_paths={"onesignal": "onesignal/nothing"},
)
