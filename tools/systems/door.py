"""A batch door's event, made from the sample event of its endpoint."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any


def door_event(single: dict[str, Any], path: str, items: Sequence[Any]) -> dict[str, Any]:
    """The call of the door at `path` with these items; the single call's path values are in its query."""
    event = copy.deepcopy(single)
    query = {name: [value] for name, value in (event["pathParameters"] or {}).items()}
    query |= event["multiValueQueryStringParameters"] or {}
    headers = {name: values for name, values in event["multiValueHeaders"].items() if name != "Content-Type"}
    headers["Content-Type"] = ["application/json"]
    event |= {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "pathParameters": None,
        "multiValueQueryStringParameters": query or None,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueHeaders": headers,
        "headers": {name: values[-1] for name, values in headers.items()},
        "body": json.dumps(list(items)),
        "isBase64Encoded": False,
    }
    event["requestContext"] |= {"resourcePath": path, "httpMethod": "POST", "path": path}
    return event
