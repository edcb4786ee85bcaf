"""Unpacks a layer once for all workers of the local AWS.

MiniStack unpacks it anew for each worker that it starts: 1,400 files, half a second of a processor.
`guard.py` runs this file in MiniStack's environment, so it imports nothing of the project.
"""

import hashlib
import os
import threading
import types
import zipfile
from pathlib import Path
from typing import Any


def share_layers(runtime: Any, folder: Path) -> None:
    """Let `runtime`, which is `ministack.core.lambda_runtime`, keep unpacked layers in `folder`.

    A worker's `layer_<n>` becomes a link. Nothing writes there: the layers bring their bytecode along.
    """
    unpacking = threading.Lock()

    class Shared(zipfile.ZipFile):
        def extractall(
            self,
            path: str | os.PathLike[str] | None = None,
            members: Any = None,
            pwd: bytes | None = None,
        ) -> None:
            target = Path(path or ".")
            if not target.name.startswith("layer_"):
                super().extractall(path, members, pwd)
                return
            digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
            shared = folder / f"layer-{digest}"
            with unpacking:
                if not shared.exists():
                    super().extractall(shared.with_suffix(".new"), members, pwd)
                    shared.with_suffix(".new").rename(shared)
            target.rmdir()
            target.symlink_to(shared)

    own = types.ModuleType("zipfile")
    vars(own).update(vars(zipfile), ZipFile=Shared)
    runtime.zipfile = own
