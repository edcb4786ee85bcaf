"""Trax Sessions Input."""

from tools.systems.page import TEXT, ClientKeys, Page, record

PAGE = Page(
    about=(
        "Sessions Input: the session of a shop visit, under both paths that Trax's document shows. Only Trax "
        "can judge stores and lookup values, so a session is not queued unless the setting `TraxDelivery` "
        "says so: the app gets Trax's own answer. If Trax answers 409 because an earlier attempt of the "
        "gateway did arrive, the app gets 200.\n\n"
        "Dates are not compared with each other. Optional fields may be null or empty."
    ),
    envelope=record("TraxError", {"description": TEXT}),
    successes={},
    keys=ClientKeys(
        schemes={
            "TraxAuthToken": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Auth-Token <client key>`. A key allows certain projects.",
            }
        },
        sample={"Authorization": "Auth-Token local-client-key"},
        required=True,
    ),
    refusals=(
        (400, {"description": "Unknown Store 100050000000008"}, "Trax does not know the store."),
        (400, {"description": "Lookup value does not exist: 801"}, "Trax does not know the value."),
        (
            409,
            {"description": "Session has already been received"},
            "Trax has already received this session.",
        ),
    ),
    unknown_paths={"trax": "api/v4/nothing"},
)
