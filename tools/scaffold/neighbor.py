"""What a new endpoint takes over from one that its system has: headers, query, the beginning of the path."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from tools.errors import CommandError
from tools.template.written import sections

BODY = {"user_id": "7", "name": "level-up"}
_LITERAL = re.compile(r"/[^/{}]+")


@dataclass(frozen=True)
class Neighbor:
    """An endpoint with its sample event and the stack.yaml that it stands in."""

    stack: Path
    sample: dict[str, Any]
    rights: tuple[str, ...]

    @classmethod
    def of(cls, root: Path, system: str) -> Self:
        """The system's first. Raises CommandError for a system without a vendor."""
        stack = root / "functions" / system / "stack.yaml"
        own = sections(stack.read_text())  # its Resources may hold placeholders, which are no YAML
        if "url" not in own:
            raise CommandError(
                f"{system} has no vendor to send to, so there is no template for its endpoints: "
                f"copy one of functions/{system}/ with its event, its test and its entry in stack.yaml"
            )
        name = next(iter(yaml.safe_load(own["endpoints"])))
        sample = json.loads((root / "events" / system / f"{name}.json").read_text())
        secret = ("secret",) if "secret" in own else ()
        return cls(stack, sample, (*secret, "queue", "records"))

    def route(self, action: str) -> str:
        """Its route up to the last word, which the new endpoint's takes the place of."""
        path: str = self.sample["resource"]
        *_, last = _LITERAL.finditer(path)
        return f"{path[: last.start()]}/{action}"

    def event(self, route: str) -> str:
        """Its sample event as one of the new endpoint."""
        values = {
            name: value
            for name, value in (self.sample["pathParameters"] or {}).items()
            if f"{{{name}}}" in route
        }
        path = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], route)
        context = self.sample["requestContext"]
        stage = context["path"].removesuffix(self.sample["path"].rstrip("/")).rstrip("/")
        headers = {"Content-Type": "application/json"}
        made = {
            **self.sample,
            "resource": route,
            "path": path,
            "httpMethod": "POST",
            "headers": self.sample["headers"] | headers,
            "multiValueHeaders": self.sample["multiValueHeaders"]
            | {name: [value] for name, value in headers.items()},
            "pathParameters": values or None,
            "requestContext": context
            | {"resourcePath": route, "httpMethod": "POST", "path": f"{stage}{path}"},
            "body": json.dumps(BODY),
            "isBase64Encoded": False,
        }
        return json.dumps(made, indent=2) + "\n"

    def enter(self, name: str, route: str) -> None:
        """Add the new endpoint to stack.yaml, after the others."""
        lines = self.stack.read_text().splitlines()
        start = lines.index("endpoints:")
        end = next((n for n in range(start + 1, len(lines)) if re.match(r"\S", lines[n])), len(lines))
        while not lines[end - 1].strip():
            end -= 1
        lines[end:end] = [
            f"  {name}:",
            f"    rights: [{', '.join(self.rights)}]",
            "    routes:",
            f"      - {route}",
        ]
        self.stack.write_text("\n".join(lines) + "\n")
