"""`python -m tools.openapi`: writes docs/openapi.json, or checks that it is fresh."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys

from tools.openapi import environment
from tools.places import ROOT
from tools.template.reader import Template

DOCUMENT = ROOT / "docs" / "openapi.json"


def main() -> int:
    """Write or check; 1 if the document is stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the document is stale")
    given = parser.parse_args()
    fresh = made()
    if not given.check:
        DOCUMENT.write_text(fresh)
    elif not DOCUMENT.is_file() or DOCUMENT.read_text() != fresh:
        sys.stderr.write("docs/openapi.json is stale: run `make openapi`\n")
        return 1
    return 0


def made() -> str:
    """The document's text."""
    template = Template.read()
    environment.set_up(template)
    from tools.openapi import document

    # The handlers that are asked for their answers print their metrics.
    with contextlib.redirect_stdout(io.StringIO()):
        return document.text(template)


if __name__ == "__main__":
    sys.exit(main())
