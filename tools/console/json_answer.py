"""Answers in JSON, whatever text is in them: names and errors come from apps, vendors and hands."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse


class JsonAnswer(JSONResponse):
    """In ASCII, as the stream's messages are: UTF-8 cannot write half of a surrogate pair."""

    def render(self, content: Any) -> bytes:
        """See JSONResponse."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
