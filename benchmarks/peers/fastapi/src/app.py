"""`new-session` as FastAPI's and Mangum's documentation write it: FastAPI validates, httpx sends."""

import json
import os
from typing import Any
from uuid import UUID

import boto3
import httpx
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel, ConfigDict

secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET"])["SecretString"]
credential = json.loads(secret)["credentials"]["*"]

app = FastAPI()
vendor = httpx.AsyncClient(timeout=2)


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
async def new_session(body: NewSession) -> dict[str, Any]:
    """Send the session to the vendor."""
    data = body.sessionData.model_dump(exclude_unset=True) if body.sessionData else {}
    answer = await vendor.post(
        f"{os.environ['URL']}/players/{body.player_id}/on_session",
        json=data | {"app_id": os.environ["APP_ID"]},
        headers={"Authorization": f"Key {credential}"},
    )
    answer.raise_for_status()
    return {"message": "session updated", "response": answer.json()}


handler = Mangum(app, lifespan="off")
