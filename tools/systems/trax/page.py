"""Trax Sessions Input."""

from tools.systems.page import TEXT, ClientKeys, Page, record

PAGE = Page(
    about=(
        "Sessions Input: a shop visit's session, under the two names that the document shows. Unknown stores "
        "and look-up values are Trax's to judge, so a session is not queued unless `TraxDelivery` says so: "
        "the app hears Trax's own verdict. A 409 that follows an unanswered attempt of the gateway's own is "
        "answered 200, for Trax has the session.\n\n"
        "The dates are not checked against each other. Optional fields may be null or empty."
    ),
    envelope=record("TraxError", {"description": TEXT}),
    successes={},
    keys=ClientKeys(
        schemes={
            "TraxAuthToken": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Auth-Token <client key>`; the key names the projects that it may write to.",
            }
        },
        sample={"Authorization": "Auth-Token local-client-key"},
        required=True,
    ),
    refusals=(
        (400, {"description": "Unknown Store 100050000000008"}, "Trax knows no such store."),
        (400, {"description": "Lookup value does not exist: 801"}, "Trax knows no such value."),
        (409, {"description": "Session has already been received"}, "Trax has had this session before."),
    ),
    unknown_paths={"trax": "api/v4/nothing"},
)
