"""A throwaway certificate, for clients that accept https URLs only."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import trustme


def throwaway_certificate(host: str, authority: Path) -> ssl.SSLContext:
    """The context of an https listener; the certificate of its authority is written to `authority` (PEM).

    It is valid for this machine's names, `host`, `trackgate.localhost` and its subdomains (for clients that
    put an instance before the host; OpenSSL rejects a wildcard directly under `localhost`).
    """
    signer = trustme.CA()
    names = ["localhost", "trackgate.localhost", "*.trackgate.localhost", "127.0.0.1", "::1"]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signer.issue_cert(*dict.fromkeys([*names, socket.gethostname(), host])).configure_cert(context)
    authority.parent.mkdir(parents=True, exist_ok=True)
    signer.cert_pem.write_to_path(authority)
    return context
