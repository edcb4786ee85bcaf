"""What every test stands on: settings before the first import, sample events, an upstream that listens."""

import copy
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import settings

from tests.profiles import profiles

if TYPE_CHECKING:
    from tests.proofs.faults.aws_proxy import AwsProxy
    from tools.local.stack import LocalStack

ROOT = Path(__file__).parent.parent


def environment(system: str) -> dict[str, str]:
    """What the functions of a system read in these tests. No secret: nothing is fetched in a unit test."""
    return {"URL": f"http://127.0.0.1:9/{system}", **profiles()[system].settings}


# A busy machine is no reason to fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# A system reads its settings when it is imported, each from an environment of its own.
os.environ["AWS_DEFAULT_REGION"] = "eu-central-1"
for _system in profiles():
    with patch.dict(os.environ, environment(_system)):
        import_module(f"{_system}.system")

from gateway.core.message import HttpRequest  # noqa: E402 - after the settings
from gateway.core.reply import Reply  # noqa: E402 - after the settings
from gateway.core.task import DeliveryTask  # noqa: E402 - after the settings
from gateway.endpoint import Endpoint  # noqa: E402
from gateway.system import System  # noqa: E402
from tests.components import not_tested  # noqa: E402
from tests.groups import placed  # noqa: E402
from tests.sample_events import load_event  # noqa: E402
from tests.slowest import slowest  # noqa: E402

pytest_plugins = [
    "tests.fixtures.api",
    "tests.fixtures.document",
    "tests.fixtures.doors",
    "tests.fixtures.sandbox",
]

LOOPBACK_TESTS = {
    "benchmarks",
    "clients",
    "deployment",
    "docs",
    "gateway",
    "openapi",
    "proofs",
    "release",
    "runtime",
    "sandbox",
    "scaffold",
    "tools",
    "track",
}
"""The folders whose tests talk to real processes on this machine."""

LOOPBACK_FIXTURES = {"local", "running_vendors", "console_browser"}
"""The fixtures whose tests do so in any folder. All other tests have no network at all."""


PROGRAMS = {
    "benchmarks",
    "clients",
    "deployment",
    "docs",
    "openapi",
    "proofs",
    "release",
    "runtime",
    "scaffold",
    "sandbox",
    "template",
    "tools",
    "workflows",
}
"""The folders whose tests start programs or prove something at length: no unit tests."""

STARTING = {"local", "mariadb", "console_browser"}
"""The fixtures that start programs: nor are the tests that use one of these, wherever they stand."""


UNITS = "not programs"
"""What `make unit` chooses by `-m`."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Unit tests need not wait until the folders that have none are imported."""
    programs = collection_path.parent == ROOT / "tests" and collection_path.name in PROGRAMS
    return True if programs and config.getoption("markexpr") == UNITS else None


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open the loopback interface, and nothing else, to the folders that need it; and group what shares."""
    order = {}
    files = {path: path.relative_to(ROOT / "tests").parts for path in {item.path for item in items}}
    for item in items:
        parts = files[item.path]
        fixtures = set(getattr(item, "fixturenames", ()))
        if parts[0] in LOOPBACK_TESTS or fixtures & LOOPBACK_FIXTURES:
            item.add_marker(pytest.mark.enable_socket)
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))
        if parts[0] in PROGRAMS or fixtures & STARTING:
            item.add_marker("programs")
        place = placed("/".join(parts), fixtures)
        if place.group:
            item.add_marker(pytest.mark.xdist_group(place.group))
        order[item] = (place.turn, item.get_closest_marker("last") is not None)
    items.sort(key=order.__getitem__)


def pytest_collection_finish() -> None:
    """Eight thousand tests live until the end: each full garbage collection would look at all of them again,
    which took a quarter of the suite's processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the slowest tests, and what was not tested."""
    stats = terminalreporter.stats.values()
    reports = (one for several in stats for one in several if isinstance(one, pytest.TestReport))
    if lines := list(slowest(reports)):
        terminalreporter.section("slowest tests")
        for line in lines:
            terminalreporter.line(line)
    skipped = [report.longrepr for report in terminalreporter.getreports("skipped")]
    reasons = (repr_[2].removeprefix("Skipped: ") for repr_ in skipped if isinstance(repr_, tuple))
    if lines := list(not_tested(reasons)):
        terminalreporter.section("not tested")
        for line in lines:
            terminalreporter.line(line)


def http_request(task: DeliveryTask) -> HttpRequest:
    """The request that a task carries, as its queue would give it back."""
    return HttpRequest.of(task.payload.data())


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """A sample event with parts replaced: `event("<system>/<endpoint>", body=…, headers=…, path=…, query=…)`.

    `body` is text, or a value to be written as JSON; headers replace single ones (None removes);
    `query` is a list of pairs.
    """

    def build(
        name: str,
        *,
        body: Any = ...,
        headers: Mapping[str, str | list[str] | None] = {},
        path: Mapping[str, str] = {},
        query: list[tuple[str, str]] | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        made = copy.deepcopy(load_event(name))
        if body is not ...:
            made["body"] = body if isinstance(body, str | None) else json.dumps(body)
            made["isBase64Encoded"] = False
        for header, value in headers.items():
            for kind in ("headers", "multiValueHeaders"):
                made[kind] = {n: v for n, v in made[kind].items() if n.lower() != header.lower()}
            if value is not None:
                values = value if isinstance(value, list) else [value]
                made["headers"][header] = values[-1]
                made["multiValueHeaders"][header] = values
        made["pathParameters"] = {**(made["pathParameters"] or {}), **path} or None
        if query is not None:
            made["queryStringParameters"] = dict(query) or None
            names = dict.fromkeys(name for name, _ in query)
            made["multiValueQueryStringParameters"] = {
                name: [value for other, value in query if other == name] for name in names
            } or None
        made["httpMethod"] = method or made["httpMethod"]
        return made

    return build


class Listening:
    """An endpoint's upstream that keeps the tasks it is told and answers as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tasks: list[DeliveryTask] = []
        self._monkeypatch = monkeypatch

    def answers(self, handler: Endpoint[Any, Any], outcome: Reply | Exception) -> "Listening":
        """Take the place of the endpoint's own upstream."""

        def send(task: DeliveryTask, *, seconds: float) -> Reply:
            self.tasks.append(task)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        self._monkeypatch.setattr(handler.system.upstream, "send", send)
        return self


@pytest.fixture(autouse=True)
def closed_breakers() -> None:
    """A process keeps its breaker; a test must not feel the failures of the one before."""
    modules = [module for name, module in list(sys.modules.items()) if name.endswith(".system")]
    for value in [value for module in modules for value in vars(module).values()]:
        if isinstance(value, System):
            value.executor.sender.circuit_breakers.clear()


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Listening:
    """See Listening."""
    return Listening(monkeypatch)


@pytest.fixture(scope="session")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple["LocalStack", "AwsProxy"]]:
    """`local` and `proxy`."""
    from tests.proofs.faults.aws_proxy import AwsProxy
    from tests.proofs.faults.loop import Loop
    from tests.proofs.faults.processes import Functions
    from tools.local.stack import LocalStack

    # What waits a day on AWS waits seconds here.
    environment = {"RETRY_SCALE": "0.001"}
    with Loop() as loop, LocalStack(state=tmp_path_factory.mktemp("local"), environment=environment) as stack:
        proxy = AwsProxy(loop, stack.aws.url, Functions(stack.aws.url))
        proxy.listen()
        proxy.lead(stack)
        yield stack, proxy


@pytest.fixture(scope="session")
def local(behind_proxy: tuple["LocalStack", "AwsProxy"]) -> "LocalStack":
    """The whole API, built, deployed onto the local AWS, and answering: what `make local` starts."""
    return behind_proxy[0]


@pytest.fixture(scope="session")
def proxy(local: "LocalStack", behind_proxy: tuple["LocalStack", "AwsProxy"]) -> "AwsProxy":
    """What stands between the functions of `local` and their AWS, and has seen all of their calls."""
    return behind_proxy[1]
