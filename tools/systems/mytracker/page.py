"""MyTracker S2S, import of events."""

from tools.systems.page import TEXT, ClientKeys, Page, Schema, anything, record

_OK = record("MyTrackerTaken", {"message": TEXT})
_APP: Schema = {
    "name": "idApp",
    "in": "query",
    "required": True,
    "description": "The app's id at MyTracker, once; the client key must be for it.",
    "schema": {"type": "string", "pattern": "^(?:[0-9]{1,19})$"},
    "example": "666",
}
_OTHERS = anything("others", "Any other field of the query is handed on, too.")

PAGE = Page(
    about=(
        "S2S import of events. A batch holds 1 to 20 events, all or none. `eventTimestamp` is in seconds "
        "(milliseconds are refused), and the time of receipt where it is left out. A field that is left out "
        "is not sent as null. Numbers keep their digits.\n\n"
        "While MyTracker is down events are queued, with the documented success. The reason of a `Bad "
        "Request` is in `Gateway-Error`. A payment counts once by app and transaction, if all that was sent "
        "is the same. `MyTrackerOtherMethods` says how the names begin of MyTracker's further methods, which "
        "are relayed unread and never queued."
    ),
    envelope=record("MyTrackerError", {"error": TEXT}),
    successes={
        name + batch: _OK
        for name in ("registration", "login", "custom_event", "custom_revenue")
        for batch in ("", "_batch")
    }
    | {
        "version": record("MyTrackerApiVersion", {"version": TEXT}),
        "test_app_access": {"description": "MyTracker's own answer; only the status counts."},
        "other_method": {"description": "MyTracker's own answer."},
    },
    keys=ClientKeys(
        schemes={
            "MyTrackerAuthorization": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "The client key alone, without a scheme; it names the apps that it is for.",
            }
        },
        sample={"Authorization": "local-client-key"},
        required=True,
    ),
    queries={
        "*": (_APP,),
        "test_app_access": (_APP, _OTHERS),
        "other_method": (_APP, _OTHERS),
        "version": (),
    },
    refusals=((400, {"error": "Bad Request"}, "MyTracker refuses it."),),
    unknown_paths={"mytracker": "v1/nothing/here", "mytracker_version": "v9/registration"},
)
