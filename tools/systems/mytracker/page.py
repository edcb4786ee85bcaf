"""MyTracker S2S, import of events."""

from tools.systems.page import TEXT, ClientKeys, Page, Schema, anything, record

_OK = record("MyTrackerTaken", {"message": TEXT})
_APP: Schema = {
    "name": "idApp",
    "in": "query",
    "required": True,
    "description": "The app's id at MyTracker, given once. The client key must allow it.",
    "schema": {"type": "string", "pattern": "^(?:[0-9]{1,19})$"},
    "example": "666",
}
_OTHERS = anything("others", "Any other query parameter is passed on.")

PAGE = Page(
    about=(
        "MyTracker's S2S API for importing events. A batch method takes 1 to 20 events, all or none. "
        "`eventTimestamp` is in seconds (milliseconds are refused) and defaults to the time of receipt. "
        "Absent fields stay absent, and numbers keep their digits.\n\n"
        "If MyTracker is down, events are queued and get the documented success. For a `Bad Request`, "
        "`Gateway-Error` has the reason. A payment counts once per app and transaction if it is repeated "
        "unchanged. Other methods whose names begin with a prefix in the setting `MyTrackerOtherMethods` are "
        "relayed without validation and never queued."
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
                "description": "The client key alone, without a scheme. A key allows certain apps.",
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
    refusals=((400, {"error": "Bad Request"}, "MyTracker refused the event."),),
    unknown_paths={"mytracker": "v1/nothing/here", "mytracker_version": "v9/registration"},
)
