"""The published clients of the Syncano platform that are driven: versions, URL layouts, where a key goes."""

from dataclasses import dataclass
from typing import Literal

SUBDOMAIN = "/onesignal/{endpoint}"
V2 = "/v2/instances/{instance}/endpoints/sockets/onesignal/{endpoint}"
V3 = "/v3/instances/{instance}/endpoints/sockets/onesignal/{endpoint}"

FIRST_KEY = "message: {message}"
EVERY_KEY = '"message" {message}\n"response" [object Object]'

type Runtime = Literal["Node.js", "browser"]


@dataclass(frozen=True)
class Published:
    """One version. `package` is its name in package.json; `resource` the route that it calls.

    `family` says how it is made and called (`perform.js`). `bundle` is its script for browsers.
    `words` is what its error's `message` makes of the answer's `{message}` and `{status}`.
    """

    package: str
    family: Literal["client", "core", "connection"]
    resource: str
    runtime: Runtime
    bundle: str = ""
    words: str = "Request failed with status code {status}"

    def __str__(self) -> str:
        """What a test is called after."""
        return f"{self.package}-{self.runtime}"

    @property
    def puts_the_instance_before_the_host(self) -> bool:
        """`https://<instance>.<host>/…`: it needs a wildcard name."""
        return self.resource == SUBDOMAIN


CLIENTS = (
    # Before 0.11 the client's own code needs a window: it was made for browsers alone.
    Published("syncano-client-0.2", "client", SUBDOMAIN, "browser", "dist/syncano-client.min.js"),
    Published("syncano-client-0.16", "client", SUBDOMAIN, "browser", "dist/syncano-client.min.js"),
    Published("syncano-client-scoped-0.8", "client", SUBDOMAIN, "browser", "dist/syncano-client.min.js"),
    Published("syncano-client-scoped-0.11", "client", SUBDOMAIN, "browser", "dist/syncano-client.min.js"),
    Published("syncano-client-scoped-0.15", "client", V3, "browser", "dist/index.js"),
    Published("syncano-client-scoped-0.11", "client", SUBDOMAIN, "Node.js"),
    Published("syncano-client-scoped-0.12", "client", SUBDOMAIN, "Node.js"),
    Published("syncano-client-scoped-0.15", "client", V3, "Node.js"),
    # It looks for `detail` alone: the text is in the error's `data`.
    Published("syncano-core-0.4", "core", SUBDOMAIN, "Node.js", words=""),
    Published("syncano-core-0.7", "core", SUBDOMAIN, "Node.js", words=FIRST_KEY),
    Published("syncano-core-0.9", "core", SUBDOMAIN, "Node.js", words=FIRST_KEY),
    Published("syncano-core-0.14", "core", V2, "Node.js", words=FIRST_KEY),
    Published("syncano-core-0.15", "core", V3, "Node.js", words=FIRST_KEY),
    Published("syncano-2", "connection", V2, "Node.js", words=EVERY_KEY),
    Published("syncano-2", "connection", V2, "browser", "dist/syncano.min.js", EVERY_KEY),
)
