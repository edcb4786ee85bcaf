"""`new-session` as Powertools' documentation writes a REST API: its resolver validates, requests sends."""

import json
import os
from typing import Any
from uuid import UUID

import boto3
import requests
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET"])["SecretString"]
credential = json.loads(secret)["credentials"]["*"]

logger = Logger()
app = APIGatewayRestResolver(enable_validation=True)
vendor = requests.Session()


class SessionData(BaseModel):
    """The vendor's parameters; others pass through."""

    model_config = ConfigDict(extra="allow")

    identifier: str | None = None
    language: str | None = None
    timezone: int | None = None
    game_version: str | None = None
    device_os: str | None = None
    device_type: int | None = None
    ad_id: str | None = None
    sdk: str | None = None
    tags: dict[str, str | None] | None = None


class NewSession(BaseModel):
    """The body of `new-session`."""

    player_id: UUID
    sessionData: SessionData | None = None


@app.post("/new-session")
def new_session(body: NewSession) -> dict[str, Any]:
    """Send the session to the vendor."""
    data = body.sessionData.model_dump(exclude_unset=True) if body.sessionData else {}
    answer = vendor.post(
        f"{os.environ['URL']}/players/{body.player_id}/on_session",
        json=data | {"app_id": os.environ["APP_ID"]},
        headers={"Authorization": f"Key {credential}"},
        timeout=2,
    )
    answer.raise_for_status()
    return {"message": "session updated", "response": answer.json()}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one event of API Gateway."""
    return app.resolve(event, context)
