"""`python -m tools.sandbox`: the sandbox upstreams in the foreground, until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from tools.sandbox.server import Server


async def _serve(host: str, port: int, ledger: Path | None, *, limits: bool) -> None:
    server = Server(ledger, limits=limits)
    listening = await server.start(host, port)
    sys.stdout.write(f"sandbox: http://{host}:{listening}\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await server.stop()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tools.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4010, help="0 for a free one (default: 4010)")
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="keep the ledger in this file, one entry per line"
    )
    parser.add_argument(
        "--limits", action="store_true", help="start with the vendors' rate limits, as they document them"
    )
    options = parser.parse_args()
    asyncio.run(_serve(options.host, options.port, options.ledger, limits=options.limits))


main()
