"""Builds a release's folder from a commit's files."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tools.programs import environment, process
from tools.programs.installed import SAM
from tools.release import archive, templates
from tools.release.sbom import sbom

ARCHITECTURES = ("arm64", "x86_64")
DEFAULT = "arm64"
CHECKSUMS = "SHA256SUMS"
AS_THEY_ARE = ("LICENSE", "NOTICE", "stages/staging.toml", "stages/production.toml")


def package(
    source: Path, target: Path, scratch: Path, when: datetime, architectures: Sequence[str] = ARCHITECTURES
) -> None:
    """Fill the empty folder `target` with a release of the files in `source`, dated `when`.

    The layers are built in the empty folder `scratch`, which keeps the logs. Raises CommandError.
    """
    template = (source / "template.yaml").read_text()
    archive.write(source / "functions", target / templates.FUNCTIONS)
    for architecture in architectures:
        (target / template_name(architecture)).write_text(templates.released(template, architecture))
        for folder in templates.layer_folders(template):
            name = templates.layer_zip(folder, architecture)
            built = scratch / name.removesuffix(".zip")
            _build(source / folder, built, architecture, log=scratch / f"{name}.log")
            archive.write(built, target / name)
    (target / "sbom.cdx.json").write_text(sbom(source, when))
    for name in AS_THEY_ARE:
        shutil.copyfile(source / name, target / Path(name).name)
    (target / CHECKSUMS).write_text(checksums(target))


def template_name(architecture: str) -> str:
    """The file name of a release's template for a processor; the default one is `template.yaml`."""
    return "template.yaml" if architecture == DEFAULT else f"template-{architecture}.yaml"


def checksums(folder: Path) -> str:
    """SHA-256 of each file, in the format of `sha256sum --check`."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.name != CHECKSUMS
    )


def _build(layer: Path, target: Path, architecture: str, *, log: Path) -> None:
    """Build a layer with the makefile that `sam build` uses."""
    target.mkdir()
    process.run(
        [
            *("make", "--directory", str(layer), f"build-{layer.name.capitalize()}Layer"),
            *(f"ARTIFACTS_DIR={target}", f"ARCHITECTURE={architecture}"),
        ],
        log=log,
        # With the pip of the SAM CLI's environment, as `sam build` does.
        environment=environment.without_aws(PATH=f"{SAM.python.parent}:{os.environ['PATH']}"),
        directory=layer,
    )
