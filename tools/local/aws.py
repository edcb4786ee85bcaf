"""boto3 clients that can only reach the local AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import botocore.session  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from tools.programs.environment import CREDENTIALS, REGION


@dataclass(frozen=True)
class LocalAws:
    """The local AWS at `url` (`http://127.0.0.1:4566`); `key` is the front's, see tools/guard.py."""

    url: str
    key: str = field(default="", repr=False)

    def client(self, service: str) -> Any:
        """A boto3 client; profiles and proxies in the caller's environment are ignored."""
        return _client(self.url, service)


@cache
def _client(url: str, service: str) -> Any:
    session = boto3.Session(
        botocore_session=botocore.session.Session({"profile": (None, None, None, None)}),
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=url, config=Config(proxies={}))
