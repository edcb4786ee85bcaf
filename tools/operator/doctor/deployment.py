"""The deployment that the doctor checks; what several checks need is read once."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.errors import CommandError
from tools.local.credentials import CLIENT_KEY
from tools.operator.doctor.api_client import ApiClient
from tools.operator.stack import Stack
from tools.places import DEFAULT_STATE, Places
from tools.programs.environment import given

SECONDS = 110.0
"""Time limit for all read-only checks; no check starts after it."""

_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stack and its API. `key` is a client key, or empty."""

    stack: Stack
    api: ApiClient
    key: str = ""
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    _clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, stack: Stack, url: str | None, environment: Mapping[str, str] = os.environ) -> Deployment:
        """A stack's deployment, with its API at `url` or where its outputs and `make local`'s settings say.

        The client key comes from `TRACKGATE_CLIENT_KEY`, not from an argument, which others could see.
        Raises CommandError.
        """
        authority = None
        if url is None and stack.local:
            tls = given(environment, "TLS", "0") not in ("0", "off", "false", "no")
            host = given(environment, "HOST", "127.0.0.1")
            host = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - called, not bound
            host = f"[{host}]" if ":" in host else host
            url = f"{'https' if tls else 'http'}://{host}:{given(environment, 'PORT', '3000')}"
            places = Places(Path(given(environment, "STATE", str(DEFAULT_STATE))))
            authority = str(places.certificate) if tls else None
        elif url is None:
            url = stack.outputs.get("BaseUrl")
        if not url or not url.startswith(("https://", "http://")):
            raise CommandError("The stack has no output BaseUrl: set the API's address with --url")
        key = given(environment, "TRACKGATE_CLIENT_KEY", CLIENT_KEY if stack.local else "")
        return cls(stack=stack, api=ApiClient(url, authority=authority), key=key)

    def client(self, service: str) -> Any:
        """A boto3 client, created once."""
        if service not in self._clients:
            self._clients[service] = self.stack.client(service)
        return self._clients[service]

    def number(self, parameter: str) -> float:
        """A numeric parameter of the stack."""
        return float(self.stack.parameters[parameter])

    def on(self, system: str) -> bool:
        """Whether a system is on."""
        return system in self.stack.systems

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """Each function's configuration, by logical id."""
        names = self.stack.of_type("AWS::Lambda::Function")
        lambdas = self.client("lambda")

        def read(name: str) -> dict[str, Any]:
            found: dict[str, Any] = lambdas.get_function_configuration(FunctionName=name)
            return found

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(read, names.values()), strict=True))
