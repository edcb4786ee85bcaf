"""`python -m tools.template`: writes or checks template.yaml."""

from __future__ import annotations

import argparse
import sys

from tools.places import ROOT, TEMPLATE
from tools.template.written import written


def main() -> int:
    """Write or check; 1 if the file is stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.template", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is stale")
    given = parser.parse_args()
    fresh = written(ROOT)
    if not given.check:
        TEMPLATE.write_text(fresh)
    elif TEMPLATE.read_text() != fresh:
        sys.stderr.write("template.yaml is stale: run `make template`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
