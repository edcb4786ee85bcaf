"""A throw-away certificate, for clients that hard-code https."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import trustme


def throw_away(host: str, authority: Path) -> ssl.SSLContext:
    """What an https listener needs; the authority that signed it is written to `authority` (PEM).

    Good for this machine's names, `host`, and `trackgate.localhost` with the wildcard under it (for clients
    that put an instance before the host; a wildcard right under `localhost` is refused by OpenSSL).
    """
    signer = trustme.CA()
    names = ["localhost", "trackgate.localhost", "*.trackgate.localhost", "127.0.0.1", "::1"]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signer.issue_cert(*dict.fromkeys([*names, socket.gethostname(), host])).configure_cert(context)
    authority.parent.mkdir(parents=True, exist_ok=True)
    signer.cert_pem.write_to_path(authority)
    return context
