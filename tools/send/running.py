"""The local run to send to, found by the environment and the run's state folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools.local.ports import netloc, port_of, reachable
from tools.places import DEFAULT_STATE, Places
from tools.programs.environment import given
from tools.template.reader import Template


@dataclass(frozen=True)
class Running:
    """A local run: the API's URL, the authority of its certificate, and the template's parameters."""

    url: str
    authority: Path | None
    parameters: Mapping[str, str]

    @classmethod
    def found(cls, environment: Mapping[str, str]) -> Running:
        """Find it by HOST, PORT, TLS and STATE, as given to `make local`; URL overrides them.

        Raises CommandError.
        """
        places = Places(Path(given(environment, "STATE", str(DEFAULT_STATE))))
        host = given(environment, "HOST", "127.0.0.1")
        scheme = "http" if given(environment, "TLS", "0") in ("0", "off", "false", "no") else "https"
        at = netloc(reachable(host), port_of(environment, "PORT", 3000))
        url = given(environment, "URL", f"{scheme}://{at}")
        authority = places.certificate if url.startswith("https") and places.certificate.is_file() else None
        return cls(url.rstrip("/"), authority, _parameters(places))

    def upstream(self, system: str, template: Template) -> str | None:
        """The URL of a system's upstream; None if it is unknown, or the system has none."""
        parameter = template.settings.get(f"{system}_URL".upper())
        return self.parameters.get(parameter) if parameter else None

    def store(self, variable: str, template: Template) -> str:
        """The URL of a system's own store, which this variable of `make local` sets."""
        return self.parameters.get(template.settings[variable], "")

    def sandbox(self, system: str, template: Template) -> str | None:
        """The sandbox's URL, if it is what stands for the system's vendor."""
        upstream = urlsplit(self.upstream(system, template) or "")
        return f"{upstream.scheme}://{upstream.netloc}" if upstream.path == f"/{system}" else None


def _parameters(places: Places) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = json.loads(places.parameters.read_text())
    except (OSError, ValueError):
        return {}
    return found
