"""The sandbox upstreams: one process that plays the four vendors, keeps a ledger and fails as it is told.

`python -m tools.sandbox` serves `/onesignal`, `/trax`, `/pushexpress` and `/mytracker` on port 4010. Each
takes one credential, `local-<system>-credential`; OneSignal's app is `local-onesignal-app`. Each vendor's
file says which names are known to nobody.

    GET /_sandbox/ledger?system=&since=&limit=   every request, numbered; DELETE empties it and the counts
    GET /_sandbox/counts                         statuses, verdicts, faults, effects (lost or doubled?)
    POST /_sandbox/faults                        {"system": "trax", "path": "^/api", "fault": "status",
                                                 "status": 503, "headers": {"Retry-After": "7"}, "next": 3}
    GET, DELETE /_sandbox/faults                 the rules and how often each fired; ?id= deletes one
    POST /_sandbox/reset                         forget everything

`tools.sandbox.client` speaks this from Python, `tools.sandbox.running` starts one for a test.
"""
