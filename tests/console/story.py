"""Made-up events, as the console's API gives them: every outcome, hostile texts, as many as asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
HOSTILE = "<img src=x onerror=\"document.title='broken'\">"
MASK = "••••"

SYSTEMS: list[dict[str, Any]] = [
    {"name": "acme", "title": "Acme", "sandboxed": True, "upstream": "http://127.0.0.1:4010/acme"},
    {"name": "globex", "title": "Globex", "sandboxed": True, "upstream": "http://127.0.0.1:4010/globex"},
    {"name": "initech", "title": "Initech", "sandboxed": False, "upstream": "https://api.initech.example"},
]
API = "http://127.0.0.1:3000"
SAMPLE = {"headers": [["Content-Type", "application/json"], ["X-Api-Key", "$CLIENT_KEY"]]}
ENDPOINTS = {
    "new_session": ("A player opened the app", '{"player_id": "fe3bcc9f", "level": 7}'),
    "new_purchase": (
        "A player bought something",
        '{"player_id": "fe3bcc9f", "purchases": [{"sku": "gems", "amount": 1.50}]}',
    ),
}
OUTCOMES = {
    "delivered": 200,
    "redelivered": 202,
    "queued": 202,
    "waiting": 202,
    "dead letter": 202,
    "expired": 202,
    "dropped": 202,
    "replayed": 200,
    "rejected": 400,
    "refused": 422,
    "failed": 502,
    "unknown": 504,
    "in progress": None,
}
_STATUSES = OUTCOMES | {"preflight": 204}
_ADVICE = {
    "dead letter": "Fix the cause, then redrive it.",
    "rejected": "The app must change the request: player_id is required.",
}


def run() -> dict[str, Any]:
    """`/api/run`."""
    systems = [
        system
        | {
            "endpoints": [
                {
                    "name": name,
                    "title": title,
                    "method": "POST",
                    "path": f"/{system['name']}/{name.replace('_', '-')}",
                    "sample": SAMPLE | {"body": body},
                    "curl": f"curl -i {API}/{system['name']}/{name.replace('_', '-')} $CLIENT_KEY",
                }
                for name, (title, body) in ENDPOINTS.items()
            ]
        }
        for system in SYSTEMS
    ]
    return {
        "version": "0.2.0",
        "api": API,
        "sandbox": "http://127.0.0.1:4010",
        "placeholder": "$CLIENT_KEY",
        "faults": ["status", "delay", "hang", "reset", "accept-then-reset", "malformed-json", "html"],
        "systems": systems,
    }


def summary(number: int, outcome: str | None = None, *, text: str = "") -> dict[str, Any]:
    """An event of the list; by its number, unless `outcome` says so, one of each outcome in turn."""
    outcome = outcome or ["delivered", *OUTCOMES][number % (len(OUTCOMES) + 1)]
    system = SYSTEMS[number % 3]["name"]
    endpoint = [*ENDPOINTS][number % 2]
    return {
        "number": number,
        "id": None if outcome in ("in progress", "preflight") else f"01M7XW{number:020d}",
        "time": at(number * 0.7),
        "system": system,
        "endpoint": endpoint,
        "method": "POST",
        "path": f"/{system}/{endpoint.replace('_', '-')}{text}",
        "status": _STATUSES[outcome],
        "milliseconds": None if outcome == "in progress" else 8 + number % 41,
        "outcome": outcome,
        "tries": {"redelivered": 3, "waiting": 4, "rejected": 0, "replayed": 0}.get(outcome, 1),
        "from": "console" if number % 7 == 0 else "app",
    }


def detail(event: dict[str, Any]) -> dict[str, Any]:
    """`/api/events/<number>`: the same event with both wires."""
    statuses = [503, 503, 200] if event["outcome"] == "redelivered" else [event["status"] or 200]
    tried = statuses[: max(event["tries"], 0)]
    waits = [0.03, 3.1, 9.4]
    body = '{"player_id": "fe3bcc9f", "note": "' + HOSTILE.replace('"', '\\"') + '", "amount": 1.50}'
    headers = [
        ["Host", "127.0.0.1:3000"],
        ["Content-Type", "application/json"],
        ["X-Api-Key", MASK],
        ["X-Note", HOSTILE],
    ]
    upstream = [
        {
            "time": after(event["time"], sum(waits[: index + 1])),
            "request": message(
                body,
                method="POST",
                target=f"/players/{index}",
                headers=[["Authorization", f"Key {MASK}"], ["Content-Type", "application/json"]],
            ),
            "response": answered('{"errors": ["busy"]}' if status == 503 else '{"success": true}', status),
            "fault": "status" if status == 503 else None,
            "digest": f"{index:016x}",
        }
        for index, status in enumerate(tried)
    ]
    stored = event["system"] == "initech"
    answer = answered('{"message":"new purchase added","response":{"success":true}}', event["status"] or 200)
    if event["outcome"] == "rejected":
        answer["headers"].append(["Gateway-Error", "level must be a number"])
    return event | {
        "app": {
            "request": message(body, method=event["method"], target=event["path"], headers=headers),
            "response": None if event["status"] is None else answer,
        },
        "upstream": [] if stored else upstream,
        "wire": "store" if stored else "sandbox",
        "row": {"user_id": 7, "note": HOSTILE, "level": None} if stored else None,
        "life": life(event, tried, waits),
        "curl": f'curl -i {API}{event["path"]} -H "X-Api-Key: $CLIENT_KEY"',
    }


def life(event: dict[str, Any], tried: list[int], waits: list[float]) -> dict[str, Any] | None:
    """The time line, or null while the functions' lines have not come."""
    if event["id"] is None:
        return None
    steps = [
        step(event, 0, "received", f"{event['method']} {event['path']} was received."),
        step(event, 0.004, "checked", "The client key and the body are valid."),
    ]
    for index, status in enumerate(tried):
        when = sum(waits[: index + 1])
        outcome = "delivered" if status < 300 else "transient"
        text = f"Try {index + 1}: the upstream answered {status}."
        more = {"status": status, "milliseconds": 12.3, "request": f"{index:016x}", "outcome": outcome}
        steps.append(step(event, when, "try", text, **more))
        if outcome == "transient" and index == 0:
            steps.append(step(event, when + 0.02, "queued", "It was queued; the app was told 202."))
        if outcome == "transient" and index + 1 < len(waits):
            wait = waits[index + 1]
            steps.append(step(event, when + 0.03, "wait", f"Waits {wait} s for the next try.", wait=wait))
    end = sum(waits[: len(tried)]) + 0.05
    steps.append(step(event, end, "end", f"The event is {event['outcome']}."))
    return {
        "id": event["id"],
        "system": event["system"],
        "endpoint": event["endpoint"],
        "received": event["time"],
        "outcome": event["outcome"],
        "advice": _ADVICE.get(event["outcome"], "Nothing to do."),
        "steps": steps,
    }


def step(event: dict[str, Any], seconds: float, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """A step of a life."""
    return {"time": after(event["time"], seconds), "kind": kind, "text": text, **more}


def message(body: str, **more: Any) -> dict[str, Any]:
    """A request or an answer."""
    return {"body": body, "size": len(body.encode()), "cut": False, "kept": True, "binary": False, **more}


def answered(body: str, status: int) -> dict[str, Any]:
    """An answer with this body."""
    headers = [["Content-Type", "application/json"], ["Gateway-Delivery", "delivered"], ["X-Note", HOSTILE]]
    reasons = {200: "OK", 202: "Accepted", 400: "Bad Request", 503: "Service Unavailable"}
    return message(body, status=status, reason=reasons.get(status, ""), headers=headers)


def at(seconds: float) -> str:
    """So long after the story's start."""
    return _written(START + timedelta(seconds=seconds))


def after(time: str, seconds: float) -> str:
    """So long after another time."""
    return _written(datetime.fromisoformat(time) + timedelta(seconds=seconds))


def _written(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def queues() -> dict[str, Any]:
    """`/api/state`."""
    letter = {"id": "01M7XW00000000000000000004", "system": "acme", "endpoint": "new_session"}
    other = {"id": f"01M7XW{HOSTILE}", "system": "globex", "endpoint": "new_purchase"}
    return {
        "systems": [
            {"name": system["name"], "queued": 3, "in_flight": 1, "dead_letters": dead, "held": held}
            for system, dead, held in zip(SYSTEMS, (1, 1, 0), (False, True, False), strict=True)
        ],
        "keys": [
            {"id": "0c9f2a", "name": "local run", "systems": [], "allow": ["*"], "expires": None},
            {
                "id": "77b1d0",
                "name": "my app",
                "systems": ["acme"],
                "allow": ["my-app"],
                "expires": "2027-01-01T00:00:00Z",
            },
        ],
        "dead_letters": [
            letter | {"error": "the upstream answered 401", "age_seconds": 754},
            other | {"error": HOSTILE, "age_seconds": 90061},
        ],
    }


def rates() -> dict[str, Any]:
    """`/api/rates`."""
    last = int(START.timestamp())
    wave = [(index * 7) % 23 for index in range(60)]
    return {
        "seconds": [last - 5 * (59 - index) for index in range(60)],
        "calls": wave,
        "failed": [2 if value > 20 else 0 for value in wave],
        "p50": [None if value == 0 else 9 + value for value in wave],
        "p95": [None if value == 0 else 30 + value * 2 for value in wave],
        "upstream_p95": [None if value == 0 else 20 + value for value in wave],
    }
