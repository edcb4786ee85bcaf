"""Follows a file that grows by lines."""

from __future__ import annotations

from pathlib import Path

CHUNK = 1024 * 1024


class Follower:
    """Reads the lines that were added since the last time, however long the file is."""

    def __init__(self, file: Path) -> None:
        """`file` may not exist yet; it is read from its beginning."""
        self._file = file
        self._position = 0
        self._rest = b""

    def lines(self) -> list[str]:
        """The new complete lines, at most about 1 MB of them."""
        try:
            with self._file.open("rb") as opened:
                opened.seek(self._position)
                read = opened.read(CHUNK)
        except OSError:
            return []
        self._position += len(read)
        *whole, self._rest = (self._rest + read).split(b"\n")
        return [line.decode(errors="replace") for line in whole]
