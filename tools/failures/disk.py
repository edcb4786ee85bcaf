"""What the disk refuses, as one sentence that says what to do."""

from __future__ import annotations

import errno

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EEXIST)


def sentence(error: OSError) -> str | None:
    """The sentence; None if the error is about something else."""
    at = f" ({error.filename})" if error.filename else ""
    if error.errno in _FULL:
        return f"the disk is full{at}: free some space, or move what is large to another disk"
    if error.errno in _CLOSED and error.filename:
        return (
            f"{error.filename} cannot be read or written ({error.strerror}): "
            "make it yours (chown), or remove it"
        )
    return None
