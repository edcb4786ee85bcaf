"""Which files of which npm packages the console's pages load, and how they get into the checkout.

`package.json` names each package's version and its integrity, as npm's registry gives it. `python -m
tools.console.vendor` fetches the packages, compares their integrity, and copies the few files that a page
needs into `tools/console/static/vendor/`, with their licenses and a SHA-256 of each. There is no build: a
file is the package's own. None may import another package: a browser knows no package names without an
inline import map, which the pages' Content-Security-Policy forbids.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MANIFEST = HERE / "package.json"
FOLDER = HERE.parent / "static" / "vendor"
"""Where the files lie, a folder per package; the pages' `/static/vendor/`."""

CHECKSUMS = FOLDER / "SHA256SUMS"
"""In the format of `sha256sum --check`."""

FILES: Mapping[str, Mapping[str, str]] = {
    "preact": {
        "LICENSE": "preact/LICENSE",
        "dist/preact.mjs": "preact/preact.js",
    },
    "htm": {"LICENSE": "htm/LICENSE", "dist/htm.mjs": "htm/htm.js"},
    "uplot": {
        "LICENSE": "uplot/LICENSE",
        "dist/uPlot.esm.js": "uplot/uplot.js",
        "dist/uPlot.min.css": "uplot/uplot.css",
    },
    "@scalar/api-reference": {"dist/browser/standalone.js": "scalar/scalar.js"},
}
"""The files of each package that are needed, and their paths in FOLDER."""

ADDED: Mapping[str, str] = {"scalar.LICENSE": "scalar/LICENSE"}
"""Files of HERE that a package lacks: Scalar's license is in its repository alone."""

_BUNDLED = frozenset({"scalar/scalar.js"})
"""Scripts that contain all that they need."""

_SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """A package of npm: its exact version, and the SHA-512 of its archive as `sha512-<base64>`."""

    name: str
    version: str
    integrity: str | None


def packages() -> list[Package]:
    """The packages that the manifest names."""
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text())
    known = manifest["integrity"]
    return [Package(name, version, known.get(name)) for name, version in manifest["dependencies"].items()]


def browsable(content: bytes) -> bytes:
    """A module of a package without its source map, which is not here."""
    return _SOURCE_MAP.sub(b"", content)


def replace(fetched: Mapping[str, Mapping[str, bytes]]) -> None:
    """Replace what lies in FOLDER by these files of the packages. Raises KeyError for one that is missing."""
    contents = {
        target: fetched[package][source]
        for package, files in FILES.items()
        for source, target in files.items()
    }
    contents |= {target: (HERE / source).read_bytes() for source, target in ADDED.items()}
    for stale in [path for path in FOLDER.rglob("*") if path.is_file()]:
        stale.unlink()
    for target, content in contents.items():
        is_module = target.endswith(".js") and target not in _BUNDLED
        (FOLDER / target).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / target).write_bytes(browsable(content) if is_module else content)
    CHECKSUMS.write_text("".join(checksums()))


def checksums() -> Iterator[str]:
    """A line per file that lies in FOLDER: its SHA-256 and its path."""
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and path != CHECKSUMS:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            yield f"{digest}  {path.relative_to(FOLDER)}\n"
