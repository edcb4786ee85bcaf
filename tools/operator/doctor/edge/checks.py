"""The checks of the API: one refused call per system, then each row of the table of differences."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tools.operator.doctor.api_client import NoAnswer
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.edge.differences import DIFFERENCES, Difference
from tools.operator.doctor.edge.probe import Probe, ProbedEndpoint, probes
from tools.operator.doctor.edge.questions import NotApplicable
from tools.operator.doctor.report import Level, Row, finding, ok, skipped, unknown, warning

_NEEDS_KEY = "every system that is on requires a client key"
_GIVE_KEY = "put one in TRACKGATE_CLIENT_KEY"


def edge(deployment: Deployment) -> Iterator[Row]:
    """Whether the API responds, and how."""
    endpoints = [ProbedEndpoint(deployment, probe) for probe in probes(deployment)]
    if not endpoints:
        yield warning("API", "a system that is on", "none is", "switch one on, and deploy again")
        return
    answering = []
    for endpoint in endpoints:
        row = _refusal(endpoint)
        yield row
        if row.level is Level.OK:
            answering.append(endpoint)
    if not answering:
        return
    endpoint = next((each for each in answering if each.reads), answering[0])
    for difference in DIFFERENCES:
        if time.monotonic() > deployment.until:
            yield unknown("API", f"no time left for {difference.name} and the rows after it", "run it again")
            return
        yield _compared(difference, endpoint)


def _refusal(endpoint: ProbedEndpoint) -> Row:
    """Whether an endpoint exists, and refuses what it must refuse."""
    probe = endpoint.probe
    what, expected = f"{probe.method} {probe.path}", "refused by the function"
    try:
        answer = endpoint.plain
    except NoAnswer as error:
        return finding(
            what,
            expected,
            f"no response: {error or type(error).__name__}",
            _elsewhere(endpoint.deployment),
        )
    if answer.from_function and answer.status in (400, 401, 403):
        return ok(what, expected, answer.summary)
    return finding(what, expected, answer.summary, _advice(probe, answer.status))


def _elsewhere(deployment: Deployment) -> str:
    settings = "Set PORT, HOST and TLS as for `make local`, or" if deployment.stack.local else "Otherwise,"
    return f"is {deployment.api.url} the API's address? {settings} set the address with --url"


def _advice(probe: Probe, status: int) -> str:
    if status in (502, 504):
        return f"the function does not start: look for {probe.system} in the log group FunctionLogGroup"
    if status in (500, 503):
        return f"client keys are unavailable, or an internal error: look for {probe.system} in the log group"
    if status == 429:
        return "calls are throttled: see ThrottleRate, WafRateLimit and the account's quotas"
    return "the route is not deployed, or something else answers at this address: compare with BaseUrl"


def _compared(difference: Difference, endpoint: ProbedEndpoint) -> Row:
    what = f"{difference.name}: {difference.about}"
    expected = difference.local if endpoint.deployment.stack.local else difference.aws
    if difference.reads and not endpoint.reads:
        return skipped(what, _NEEDS_KEY, _GIVE_KEY)
    try:
        seen = difference.ask(endpoint)
    except NotApplicable as reason:
        return skipped(what, str(reason))
    except NoAnswer as error:
        return unknown(what, f"no response: {error or type(error).__name__}", "run it again")
    if seen == expected:
        return ok(what, expected, seen)
    return finding(what, expected, seen, difference.do)
