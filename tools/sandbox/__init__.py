"""The sandbox: one process that plays every vendor, keeps a ledger, and fails as scripted.

`python -m tools.sandbox` serves `/<system>` for each vendor on port 4010. A vendor is
`tools/systems/<system>/vendor.py`, which also says which names it does not know and what of its state can be
changed; its credential is `local-<system>-credential`. With `--limits` the vendors start with the rate limits
that they document.

    GET /_sandbox/ledger?system=&since=&limit=   every request, numbered; DELETE empties it and the counts
    GET /_sandbox/counts                         statuses, verdicts, faults, effects (lost or doubled?)
    POST /_sandbox/faults                        {"system": "acme", "path": "^/api", "fault": "status",
                                                 "status": 503, "headers": {"Retry-After": "7"}, "next": 3}
    GET, DELETE /_sandbox/faults                 the rules and how often each fired; ?id= deletes one
    GET /_sandbox/state                          what can be changed, by system
    POST /_sandbox/state                         {"system": "acme", "<name>": <value>} changes some of it
    POST /_sandbox/reset                         forget everything

`tools.sandbox.client` speaks this from Python, `tools.sandbox.running` starts one for a test.
"""
