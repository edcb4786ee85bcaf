"""The rows of the differences, asked over HTTPS, and judged by where the stack stands."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tools.operator.doctor.api_client import NoAnswer
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.edge.differences import DIFFERENCES, Difference
from tools.operator.doctor.edge.probe import Probe, Visit, probes
from tools.operator.doctor.edge.questions import Unasked
from tools.operator.doctor.report import Level, Row, finding, ok, skipped, unknown, warning

_NEEDS_KEY = "every system that is on asks for a client key"
_GIVE_KEY = "put one in TRACKGATE_CLIENT_KEY"


def edge(deployment: Deployment) -> Iterator[Row]:
    """Whether the API answers, and how."""
    visits = [Visit(deployment, probe) for probe in probes(deployment)]
    if not visits:
        yield warning("API", "a system that is on", "none is", "switch one on, and deploy again")
        return
    answering = []
    for visit in visits:
        row = _refusal(visit)
        yield row
        if row.level is Level.OK:
            answering.append(visit)
    if not answering:
        return
    visit = next((each for each in answering if each.reads), answering[0])
    for difference in DIFFERENCES:
        if time.monotonic() > deployment.until:
            yield unknown(
                "API", f"no time left to ask for {difference.name} and what follows", "run it again"
            )
            return
        yield _asked(difference, visit)


def _refusal(visit: Visit) -> Row:
    """That an endpoint is there, and refuses what it must refuse."""
    probe = visit.probe
    what, expected = f"{probe.method} {probe.path}", "refused by the function"
    try:
        answer = visit.plain
    except NoAnswer as error:
        return finding(
            what,
            expected,
            f"no answer: {error or type(error).__name__}",
            _elsewhere(visit.deployment),
        )
    if answer.from_function and answer.status in (400, 401, 403):
        return ok(what, expected, answer.told)
    return finding(what, expected, answer.told, _advice(probe, answer.status))


def _elsewhere(deployment: Deployment) -> str:
    settings = (
        "PORT, HOST and TLS as to `make local`, or another one" if deployment.stack.local else "another one"
    )
    return f"is {deployment.door.url} the API's address? Give {settings} with --url"


def _advice(probe: Probe, status: int) -> str:
    if status in (502, 504):
        return f"the function does not come up: look for {probe.system} in the log group FunctionLogGroup"
    if status in (500, 503):
        return f"client keys cannot be read, or a fault: look for {probe.system} in the log group"
    if status == 429:
        return "calls are throttled: see ThrottleRate, WafRateLimit and the account's quotas"
    return "the route is not deployed, or something else answers at this address: compare with BaseUrl"


def _asked(difference: Difference, visit: Visit) -> Row:
    what = f"{difference.name}: {difference.about}"
    expected = difference.local if visit.deployment.stack.local else difference.aws
    if difference.reads and not visit.reads:
        return skipped(what, _NEEDS_KEY, _GIVE_KEY)
    try:
        seen = difference.ask(visit)
    except Unasked as reason:
        return skipped(what, str(reason))
    except NoAnswer as error:
        return unknown(what, f"no answer: {error or type(error).__name__}", "run it again")
    if seen == expected:
        return ok(what, expected, seen)
    return finding(what, expected, seen, difference.do)
