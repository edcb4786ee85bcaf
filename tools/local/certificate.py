"""A throw-away certificate, for clients that hard-code https."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import trustme


def throw_away(host: str, authority: Path) -> ssl.SSLContext:
    """What an https listener needs; the authority that signed it is written to `authority` (PEM).

    Good for this machine's names, the wildcard under `localhost`, and `host`.
    """
    signer = trustme.CA()
    names = dict.fromkeys(["localhost", "*.localhost", "127.0.0.1", "::1", socket.gethostname(), host])
    names.pop("0.0.0.0", None)  # noqa: S104 - left out, not bound
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signer.issue_cert(*names).configure_cert(context)
    authority.parent.mkdir(parents=True, exist_ok=True)
    signer.cert_pem.write_to_path(authority)
    return context
