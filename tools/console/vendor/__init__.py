"""Which files of which npm packages the console's pages load, and how they get into the checkout.

`package.json` names the versions, `package-lock.json` their integrity. `python -m tools.console.vendor`
installs them with npm, which checks the integrity, and copies the few files that a page needs into
`tools/console/static/vendor/`, with their licenses and a SHA-256 of each. There is no build: a file is the
package's own, except that a module names another one by its path here, because a browser knows no package
names without an inline import map, which the pages' Content-Security-Policy forbids.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "static" / "vendor"
"""Where the files lie, a folder per package; the pages' `/static/vendor/`."""

CHECKSUMS = FOLDER / "SHA256SUMS"
"""In the format of `sha256sum --check`."""

FILES: Mapping[str, str] = {
    "preact/LICENSE": "preact/LICENSE",
    "preact/dist/preact.mjs": "preact/preact.js",
    "preact/hooks/dist/hooks.mjs": "preact/hooks.js",
    "htm/LICENSE": "htm/LICENSE",
    "htm/dist/htm.mjs": "htm/htm.js",
    "@preact/signals/LICENSE": "preact-signals/LICENSE",
    "@preact/signals/dist/signals.mjs": "preact-signals/signals.js",
    "@preact/signals-core/LICENSE": "preact-signals-core/LICENSE",
    "@preact/signals-core/dist/signals-core.mjs": "preact-signals-core/signals-core.js",
    "uplot/LICENSE": "uplot/LICENSE",
    "uplot/dist/uPlot.esm.js": "uplot/uplot.js",
    "uplot/dist/uPlot.min.css": "uplot/uplot.css",
}
"""A file under `node_modules/`, and its path in FOLDER."""

_MODULES = {
    "preact": "preact/preact.js",
    "preact/hooks": "preact/hooks.js",
    "@preact/signals-core": "preact-signals-core/signals-core.js",
}
"""The package names that modules import, and the file here that each stands for."""

_IMPORT = re.compile(rb'(?<=\bfrom)"([@\w][\w/-]*)"')
_SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*\n?", re.MULTILINE)


def browsable(content: bytes) -> bytes:
    """A module of a package as a browser can load it: imports by path, no source map that is not here."""

    def by_path(found: re.Match[bytes]) -> bytes:
        return b'"../%s"' % _MODULES[found[1].decode()].encode()

    return _SOURCE_MAP.sub(b"", _IMPORT.sub(by_path, content))


def copy(modules: Path) -> None:
    """Replace FOLDER by the files of an installed `node_modules`. Raises OSError for one that is missing."""
    contents = {target: (modules / source).read_bytes() for source, target in FILES.items()}
    for stale in [path for path in FOLDER.rglob("*") if path.is_file()]:
        stale.unlink()
    for target, content in contents.items():
        (FOLDER / target).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / target).write_bytes(browsable(content) if target.endswith(".js") else content)
    CHECKSUMS.write_text("".join(checksums()))


def checksums() -> Iterator[str]:
    """A line per file that lies in FOLDER: its SHA-256 and its path."""
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and path != CHECKSUMS:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            yield f"{digest}  {path.relative_to(FOLDER)}\n"
