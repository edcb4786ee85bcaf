"""Moments in UTC: as scripts read them, and as people do."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """Unix seconds as `2026-11-21T18:40:00+00:00`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def minute(seconds: float) -> str:
    """Unix seconds as `2026-11-21 18:40`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
