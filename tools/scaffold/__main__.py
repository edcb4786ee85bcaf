"""`python -m tools.scaffold system acme`, `python -m tools.scaffold endpoint acme ping`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.errors import CommandError
from tools.places import ROOT
from tools.scaffold.write import new_endpoint, new_system


def main() -> int:
    """Write the files and list them; 1 with a reason if they cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m tools.scaffold", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    system = kinds.add_parser("system", help="a new system with its first endpoint")
    system.add_argument("name", help="of its folders, such as acme")
    system.add_argument("--endpoint", default="event", help="the name of its first endpoint (event)")
    endpoint = kinds.add_parser("endpoint", help="a further endpoint of a system")
    endpoint.add_argument("system")
    endpoint.add_argument("name", help="of its file, such as new_session")
    given = parser.parse_args()
    try:
        if given.kind == "system":
            written = new_system(ROOT, given.name, given.endpoint)
        else:
            written = new_endpoint(ROOT, given.system, given.name)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for line in listed(written):
        sys.stdout.write(f"{line}\n")
    return 0


def listed(written: list[Path]) -> list[str]:
    """The files, as a person at the root of the checkout types them."""
    return [f"wrote {file.relative_to(ROOT)}" for file in written]


if __name__ == "__main__":
    sys.exit(main())
