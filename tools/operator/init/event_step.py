"""The last step of `bin/trackgate init`: a sample event through the deployed API, and its life."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import replace

from tools.errors import CommandError
from tools.local.credentials import CLIENT_KEY
from tools.operator.doctor.api_client import Answer, NoAnswer
from tools.operator.doctor.deployment import Deployment
from tools.operator.function_log.source import function_log
from tools.operator.init.asking import Asking
from tools.operator.life.life import Life, Outcome, received_at
from tools.operator.life.telling import life_of
from tools.operator.output import note, notes, out
from tools.operator.stack import Stack
from tools.operator.trace.listing import heading, listing
from tools.places import BATCH
from tools.send import sample
from tools.send.http1 import Request
from tools.systems.registry import profile

SECONDS = 60.0
"""How long to wait for the event's log lines and its end: CloudWatch shows a line within some seconds."""
PAUSE = 0.5


def event_step(asking: Asking, stack: Stack, event: str, made: Mapping[str, str]) -> bool:
    """Send one, and print its life; False if it was not accepted, or was named and not sent.

    `event`: `<system>/<endpoint>`, or empty for one that reaches no vendor. `made`: the client keys that were
    just made, by system. Raises CommandError.
    """
    chosen = event or _default(stack)
    if not chosen or (asking.yes and not event and not stack.local):
        note("· no event sent; --event SYSTEM/ENDPOINT sends a sample event")
        return True
    system = chosen.partition("/")[0]
    if system not in stack.systems:
        raise CommandError(f"The stack {stack.name} has no system {system}, only {', '.join(stack.systems)}")
    try:
        request = sample.load(chosen)
    except sample.UnknownEvent as error:
        raise CommandError(str(error).replace("make send EVENT=", "--event ")) from error
    deployment = Deployment.of(stack, None)
    where = "stores it as a real one" if _keeps(system) else f"sends it to {profile(system).title}"
    if not asking.agreed(f"Send the sample event {chosen} to {deployment.api.url}, which {where}?"):
        note("· no event sent")
        return True
    key = made.get(system) or deployment.key
    if not key and stack.parameter(system, "ClientKeys") == "required":
        # An earlier run has made one, which is shown only once.
        key = asking.hidden(f"A client key of {system} (Enter to send no event)", lambda answer: None).strip()
        if not key:
            note(f"· no event sent: {system} requires a key; set TRACKGATE_CLIENT_KEY, or add --key NAME")
            return not event
    answer = _sent(deployment, _with_key(request, key))
    return _told(stack, chosen, answer)


def _default(stack: Stack) -> str:
    """The first sample of a system that keeps its events itself."""
    names = (name for name in sample.names() if not name.endswith(f"/{BATCH}"))
    own = (name for name in names if (system := name.partition("/")[0]) in stack.systems and _keeps(system))
    return next(own, "")


def _keeps(system: str) -> bool:
    return profile(system).vendor is None


def _with_key(request: Request, key: str) -> Request:
    """The sample with the key where it shows one, else in the header that every system takes."""
    if not key:
        return request
    if any(CLIENT_KEY in value for _, value in request.headers):
        headers = tuple((name, value.replace(CLIENT_KEY, key)) for name, value in request.headers)
    else:
        headers = (*request.headers, ("X-Api-Key", key))
    return replace(request, headers=headers)


def _sent(deployment: Deployment, request: Request) -> Answer:
    try:
        return deployment.api.ask(request.method, request.target, request.headers, request.body)
    except NoAnswer as error:
        what = "no HTTP response" if isinstance(error, http.client.HTTPException) else str(error)
        raise CommandError(
            f"{deployment.api.url} does not answer ({what}): check the network, and DNS if the stack has a "
            "domain"
        ) from error


def _told(stack: Stack, event: str, answer: Answer) -> bool:
    """Print the answer and the event's life; whether it was accepted."""
    delivery = answer.headers.get("gateway-delivery", "")
    accepted = 200 <= answer.status < 300
    note(f"{'✓' if accepted else '✗'} {event}: {answer.status} {delivery}".rstrip())
    if error := answer.headers.get("gateway-error"):
        note(f"  {error}", "red")
    event_id = answer.headers.get("gateway-event-id", "")
    if not event_id:
        note(f"  Not from a function of this stack: {answer.summary}", "red")
        return False
    with notes.status("Waiting for the event's log lines"):
        life = _life(stack, event_id)
    if life.outcome is Outcome.UNKNOWN:
        note(f"  Its log lines are not there yet: bin/trackgate trace {event_id} {stack.option}")
    else:
        out.print(heading(life), markup=False, soft_wrap=True)
        out.print(listing(life, {}))
        out.print(life.advice, markup=False, soft_wrap=True)
    return accepted


def _life(stack: Stack, event_id: str) -> Life:
    log, since, end = function_log(stack), received_at(event_id) - SECONDS, time.monotonic() + SECONDS
    while True:
        life = life_of(event_id, list(log.matching(event_id, since)), option=stack.option)
        if life.outcome.is_settled or time.monotonic() > end:
            return life
        time.sleep(PAUSE)
