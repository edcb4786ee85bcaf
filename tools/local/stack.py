"""A complete local run: installs the programs it needs, starts everything, and shuts down in order."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import EndpointConnectionError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.local import (
    credentials,
    queue_snapshot,
    rest_api,
    secret_snapshot,
    upstreams,
    workers,
)
from tools.local.aws import LocalAws
from tools.local.build import ARCHITECTURE, build
from tools.local.deploy import Deployed, deploy
from tools.local.front.certificate import throwaway_certificate
from tools.local.front.server import Front
from tools.local.ministack import ministack
from tools.local.ports import claim, netloc, network_address, reachable, refused
from tools.local.state_folder import exclusive, writable
from tools.places import BUILD, DEFAULT_STATE, ROOT, TOOLS, Places
from tools.programs import installed
from tools.progress import Progress
from tools.systems.local_store import local_stores
from tools.systems.registry import profiles
from tools.template.reader import Template


class LocalStack:
    """The whole API on this machine, for the length of a `with` block.

    Several can run side by side, each with a state folder and ports of its own.

    `environment`: settings by the names of `Template.settings` (`{"ACME_STRICT": "true"}`), and
    `<SYSTEM>_CREDENTIAL`; a system without `<SYSTEM>_URL` there uses the sandbox. Port 0 means a free one.
    Raises CommandError if it cannot start, with everything stopped again.
    """

    url: str
    """The API's address: `http://127.0.0.1:3000`."""
    network_url: str
    """The API's address for other machines, if the host is 0.0.0.0."""
    aws: LocalAws
    """The local AWS."""
    sandbox_url: str
    """The sandbox: each vendor at `/<system>`, the ledger at `/_sandbox/ledger`."""
    stores: dict[str, str]
    """The URLs of the systems' own event stores, by the variables that set them."""
    front: Front
    """What listens at the API's address."""
    deployed: Deployed
    """Outputs and physical ids of the stack."""
    console_port: int | None = None
    """The port that is reserved for the run's console, None if none was asked for."""

    def __init__(
        self,
        *,
        state: Path = DEFAULT_STATE,
        host: str = "127.0.0.1",
        port: int = 0,
        aws_port: int = 0,
        sandbox_port: int = 0,
        console_port: int | None = None,
        tls: bool = False,
        limits: bool = False,
        environment: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        drain_seconds: float = 0,
        hurry: threading.Event | None = None,
    ) -> None:
        """See the class. `console_port`: None for a run without a console. `limits`: whether the sandbox
        starts with the vendors' rate limits. `drain_seconds`: how long the end waits for queued events,
        unless `hurry` is set."""
        self.places = Places(state.resolve())
        self.template = Template.read()
        self._host = host
        self._ports = {"PORT": port, "AWS_PORT": aws_port, "SANDBOX_PORT": sandbox_port}
        self.console_port = console_port
        self._tls = tls
        self._limits = limits
        self._environment = dict(environment or {})
        self.stores = {
            store.VARIABLE: store.url(self._environment, self.places.state)
            for store in local_stores().values()
        }
        self._progress = progress or Progress(quiet=True)
        self._drain_seconds = drain_seconds
        self._hurry = hurry or threading.Event()
        self._running = ExitStack()
        self._intake = ExitStack()

    def __enter__(self) -> Self:
        """Start everything."""
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything, the API's address first."""
        try:
            with self._progress.step("Accepting no more calls"):
                self._intake.close()
            self._drain()
        except EndpointConnectionError:
            self._progress.console.print(
                "The local AWS has stopped unexpectedly, and queued events are lost: "
                f"see {self.places.logs / 'ministack.log'}",
                style="red",
                soft_wrap=True,
            )
        finally:
            with self._progress.step("Stopping"):
                self._running.close()

    def client(self, service: str) -> Any:
        """A boto3 client for the local AWS."""
        return self.aws.client(service)

    @property
    def event_store(self) -> str:
        """The URL of the event store: a file in the state folder, unless `EVENT_STORE` is set."""
        return self.stores["EVENT_STORE"]

    @property
    def parameters(self) -> dict[str, str]:
        """The template's parameters in this run."""
        settings = self.template.settings
        chosen: dict[str, str] = {}
        for system, profile in profiles().items():
            own = profile.local_settings.items()
            chosen |= {f"{system.upper()}_{name}": value for name, value in own}
        chosen |= {name: value for name, value in self._environment.items() if value}
        return (
            {"Architecture": ARCHITECTURE}
            # The local AWS keeps one process per concurrent worker.
            | {"DeliveryConcurrency": "2"}
            # It does not know AWS::Logs::QueryDefinition.
            | {"SavedQueries": "off"}
            | {settings[name]: value for name, value in chosen.items() if name in settings}
            | {settings[variable]: url for variable, url in self.stores.items()}
            | {settings[f"{system.upper()}_URL"]: url for system, url in self.upstreams.items()}
        )

    @property
    def upstreams(self) -> dict[str, str]:
        """Each system's upstream in this run."""
        return upstreams.urls(self.template, self._environment, self.sandbox_url)

    def _start(self, starting: ExitStack) -> None:
        step = self._progress.step
        self._check_settings()
        with writable(ROOT, "clone the project into a folder of your own"):
            for folder in (TOOLS, BUILD):
                folder.mkdir(parents=True, exist_ok=True)
                TemporaryFile(dir=folder).close()
        lock = starting.enter_context(exclusive(self.places))
        front_port = claim(self._ports["PORT"], "PORT", self._host)
        aws_port = claim(self._ports["AWS_PORT"], "AWS_PORT")
        sandbox_port = claim(self._ports["SANDBOX_PORT"], "SANDBOX_PORT")
        if self.console_port is not None:
            self.console_port = claim(self.console_port, "CONSOLE_PORT")

        with step("Installing the SAM CLI and MiniStack"):
            installed.install_missing(self.places.logs)
        snapshot = queue_snapshot.take(self.places)
        starting.callback(queue_snapshot.take, self.places)
        with step("Starting the local AWS, the sandbox upstreams and the event store"):
            self.aws = starting.enter_context(ministack(self.places, aws_port, lock))
            self.sandbox_url = starting.enter_context(
                upstreams.sandbox(self.places, sandbox_port, limits=self._limits)
            )
            for store in local_stores().values():
                store.make_tables(self.stores[store.VARIABLE], self.places)
        with ExitStack() as building:
            with step("Building functions and layer (sam build)"):
                template = building.enter_context(build(self.places.logs / "build.log"))
            with step("Deploying template.yaml (sam deploy)"):
                self.deployed = deploy(self.aws, template, self.parameters, self.places)
        with step("Completing the API, writing credentials"):
            rest_api.complete(self.aws, self.template, self.deployed)
            workers.complete_event_sources(self.aws)
            made = secret_snapshot.read(self.places.secret_snapshot)
            credentials.write(self.aws, self.template, self.deployed, self._environment, made)
        if snapshot:
            with step(f"Restoring events of an earlier run: {snapshot}"):
                workers.hold(self.aws, self.template, self.deployed, snapshot.held(self.template))
                snapshot.restore(self.aws, self.deployed)
                snapshot.write(self.places.queue_snapshot)
        network_host = network_address(self._host)
        context = throwaway_certificate(network_host, self.places.certificate) if self._tls else None
        stage = f"restapis/{self.deployed.resources['Api']}/{rest_api.STAGE}/_user_request_"
        self.front = Front(
            f"{self.aws.url}/{stage}",
            host=self._host,
            port=front_port,
            context=context,
            key=self.aws.key,
        )
        try:
            starting.enter_context(self._intake).enter_context(self.front)
        except OSError as error:
            raise refused(error, front_port, "PORT", self._host) from error
        scheme = "https" if self._tls else "http"
        self.url = f"{scheme}://{netloc(reachable(self._host), front_port)}"
        self.network_url = f"{scheme}://{netloc(network_host, front_port)}"

    def _drain(self) -> None:
        queues = workers.Queues(self.aws, self.template, self.deployed)
        if queues.count():
            with self._progress.step("Delivering queued events") as show:

                def report(count: int) -> None:
                    show(f"{_counted(count)} left; Ctrl-C saves them for the next start")

                left = queues.drain(self._drain_seconds, report, self._hurry)
            if left:
                self._progress.console.print(f"  saved for the next start: {_counted(left)}")
        workers.stop_event_sources(self.aws)

    def _check_settings(self) -> None:
        for name, parameter in self.template.settings.items():
            if value := self._environment.get(name):
                refusal = self.template.refusal(parameter, value)
                if refusal is not None:
                    raise CommandError(f"{name}={value} {refusal} ({parameter} in template.yaml)")


def _counted(events: int) -> str:
    return "1 event" if events == 1 else f"{events} events"
