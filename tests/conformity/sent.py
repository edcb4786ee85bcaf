"""A request to AWS, judged by what botocore would have sent and how it would have signed it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from botocore.serialize import create_serializer  # type: ignore[import-untyped]
from botocore.validate import ParamValidator  # type: ignore[import-untyped]

from tests.conformity.models import SERVICES, Action, model


@dataclass(frozen=True)
class Sent:
    """A request as it was on the wire; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def action(self) -> Action | None:
        """The operation, or None if the target is unknown to all four services."""
        prefix, _, name = self.headers.get("x-amz-target", "").partition(".")
        found = [service for service in SERVICES if model(service).metadata["targetPrefix"] == prefix]
        known = found and name in model(found[0]).operation_names
        return Action(found[0], name) if known else None

    def faults(self) -> list[str]:
        """What botocore would have sent differently or refused to send."""
        if (action := self.action) is None:
            return [f"unknown target {self.headers.get('x-amz-target')!r}"]
        operation = model(action.service).operation_model(action.name)
        try:
            given = _blobs_read(json.loads(self.body), operation.input_shape)
        except (ValueError, binascii.Error) as error:
            return [f"{action}: {error}"]
        report = ParamValidator().validate(given, operation.input_shape)
        if report.has_errors():
            return [f"{action}: {report.generate_report()}"]
        serializer = create_serializer("json", include_validation=False)
        expected = serializer.serialize_to_request(given, operation)
        return [f"{action}: {fault}" for fault in self._differences(expected)]

    def _differences(self, expected: Mapping[str, Any]) -> Iterator[str]:
        sent: dict[str, Any] = {
            "method": self.method,
            "url_path": urlsplit(self.url).path,
            "query": urlsplit(self.url).query,
            "body": json.loads(self.body),
            "target": self.headers["x-amz-target"],
            "type": self.headers.get("content-type"),
        }
        wanted = {
            "method": expected["method"],
            "url_path": expected["url_path"],
            "query": "",
            "body": json.loads(expected["body"]),
            "target": expected["headers"]["X-Amz-Target"],
            "type": expected["headers"]["Content-Type"],
        }
        for name, value in sent.items():
            if value != wanted[name]:
                yield f"{name} is {value!r}, botocore's {wanted[name]!r}"

    def is_signed(self, secret_key: str, region: str, *, token: str | None = None) -> bool:
        """Whether botocore, given the same signed headers, computes the same signature."""
        scheme, _, rest = self.headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        names = parts.get("SignedHeaders", "").split(";")
        access_key, *scope = parts.get("Credential", "").split("/")
        if scheme != "AWS4-HMAC-SHA256" or not {"host", "x-amz-date", "x-amz-target"} <= set(names):
            return False
        if self.action is None or scope[1:] != [region, self.action.service, "aws4_request"]:
            return False
        if token and ("x-amz-security-token" not in names or self.headers["x-amz-security-token"] != token):
            return False
        if self.headers.get("x-amz-content-sha256") != hashlib.sha256(self.body).hexdigest():
            return False
        signed = {name: self._header(name) for name in names}
        request = AWSRequest(self.method, self.url, headers=signed, data=self.body)
        request.context["timestamp"] = self.headers["x-amz-date"]
        auth = SigV4Auth(Credentials(access_key, secret_key), self.action.service, region)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        return bool(auth.signature(text, request) == parts.get("Signature"))

    def _header(self, name: str) -> str:
        return urlsplit(self.url).netloc if name == "host" else self.headers[name]


def _blobs_read(value: Any, shape: Any) -> Any:
    """The value as botocore takes it from callers: a blob is bytes there and base64 on the wire."""
    match shape.type_name, value:
        case "structure", dict():
            members = shape.members
            return {
                name: _blobs_read(inner, members[name]) if name in members else inner
                for name, inner in value.items()
            }
        case "list", list():
            return [_blobs_read(inner, shape.member) for inner in value]
        case "map", dict():
            return {name: _blobs_read(inner, shape.value) for name, inner in value.items()}
        case "blob", str():
            return base64.b64decode(value, validate=True)
        case _:
            return value
