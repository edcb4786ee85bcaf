"""A function's settings, read once from its environment; template.yaml's parameters are their source."""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator


class ClientKeys(StrEnum):
    """Whether an app must present a client key; REPORT only counts the requests that would be refused."""

    REQUIRED = "required"
    REPORT = "report"
    OFF = "off"


class DeliveryMode(StrEnum):
    """Whether a task is sent first and queued after a failure, queued first, or never queued."""

    DIRECT = "direct"
    QUEUED = "queued"
    OFF = "off"


class UnknownOutcome(StrEnum):
    """What follows a send that may have arrived: the task is queued, or the call fails."""

    QUEUE = "queue"
    FAIL = "fail"


class Settings(BaseModel):
    """What every system can be set to. A system with settings of its own adds them in a subclass.

    The field `strict` is read from `STRICT`; an empty variable counts as absent. A function's environment
    holds the settings of its own system and of no other. `url` is the upstream's, `queue` and `dead_letters`
    are URLs of SQS queues, `records` is a DynamoDB table, `secret` a name or ARN. `max_unknown_tries` bounds
    how often a queued event is sent with an unknown outcome where a repeat adds at the upstream.
    `sends_at_once` bounds how many queued events a worker sends side by side; the `delivery_concurrency`
    workers of a system begin `requests_per_second` sends together (0: any number).
    `retry_scale` shrinks the waits between tries: a proof need not take a day. Times are in seconds.
    """

    model_config = ConfigDict(frozen=True)

    url: str = ""
    secret: str = ""
    strict: bool = False
    client_keys: ClientKeys = ClientKeys.OFF
    delivery: DeliveryMode = DeliveryMode.DIRECT
    on_unknown_outcome: UnknownOutcome = UnknownOutcome.QUEUE
    max_unknown_tries: int = Field(default=2, ge=0)
    sends_at_once: int = Field(default=1, ge=1)
    requests_per_second: float = Field(default=0, ge=0)
    delivery_concurrency: int = Field(default=1, ge=1)
    queue: str = ""
    dead_letters: str = ""
    records: str = ""
    cors_origins: str = "*"
    fill_client_ip: bool = False
    retry_scale: float = 1.0
    send_seconds: float = 1.8
    wait_seconds: float = 10.0

    @field_validator("url")
    @classmethod
    def _without_final_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings in an environment."""
        found = {name: environ.get(name.upper()) for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in found.items() if value})
