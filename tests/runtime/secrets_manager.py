"""A Secrets Manager that knows what a local run's secrets hold, an answer a system; and an empty DynamoDB."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tools.local.credentials import secret


def secret_id(system: str) -> str:
    """The name under which a system's secret is found here."""
    return f"runtime-{system}"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
        if self.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue" and signed:
            system = asked["SecretId"].removeprefix(secret_id(""))
            self._answer(200, {"Name": asked["SecretId"], "SecretString": json.dumps(secret(system, {}))})
        elif self.headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem" and signed:
            self._answer(200, {})
        else:
            self._answer(400, {"__type": "AccessDeniedException"})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextmanager
def running_secrets_manager() -> Iterator[str]:
    """Its URL, for AWS_ENDPOINT_URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="secrets", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
