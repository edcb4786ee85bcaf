"""Reproducible zips: they depend only on the names, modes and bytes of their files."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold. A commit's time would make AWS replace unchanged functions."""

_UNIX = 3
_REGULAR_FILE = 0o100000
_PLAIN = 0o644
_EXECUTABLE = 0o755


def write(folder: Path, target: Path) -> None:
    """Zip every file under `folder` in order of name. Empty folders are left out."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            archive.writestr(_entry(name, files[name]), files[name].read_bytes())


def _entry(name: str, path: Path) -> ZipInfo:
    entry = ZipInfo(name, EPOCH)
    # The machine's umask must make no difference.
    mode = _EXECUTABLE if path.stat().st_mode & 0o100 else _PLAIN
    entry.external_attr = (_REGULAR_FILE | mode) << 16
    entry.create_system = _UNIX
    entry.compress_type = ZIP_DEFLATED
    return entry
