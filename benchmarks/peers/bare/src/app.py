"""`new-session` with nothing but json and urllib3: what a function must do at least, checked by hand."""

import hashlib
import hmac
import json
import os
import re
from datetime import UTC, datetime
from typing import Any

import urllib3

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TEXTS = ("identifier", "language", "game_version", "device_os", "ad_id", "sdk")
NUMBERS = ("timezone", "device_type")

http = urllib3.PoolManager(timeout=2, retries=False)


def _secret(name: str) -> str:
    """The secret's text, by a call signed with Signature Version 4."""
    url = urllib3.util.parse_url(os.environ["AWS_ENDPOINT_URL"])
    region, body = os.environ["AWS_REGION"], json.dumps({"SecretId": name})
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": url.netloc or "",
        "x-amz-date": moment,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body.encode()).hexdigest()}"
    scope = f"{moment[:8]}/{region}/secretsmanager/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, "
        f"SignedHeaders={names}, Signature={key.hex()}"
    )
    answer = http.request("POST", f"{url.url}/", body=body, headers=headers)
    return str(answer.json()["SecretString"])


credential = json.loads(_secret(os.environ["SECRET"]))["credentials"]["*"]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one event of API Gateway."""
    try:
        body = json.loads(event["body"])
        player, data = body["player_id"], body.get("sessionData") or {}
        if not UUID.fullmatch(player) or not _fits(data):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        return _answer(400, {"message": "validation failed", "response": {}})
    answer = http.request(
        "POST",
        f"{os.environ['URL']}/players/{player}/on_session",
        body=json.dumps({**data, "app_id": os.environ["APP_ID"]}),
        headers={"Content-Type": "application/json", "Authorization": f"Key {credential}"},
    )
    if answer.status != 200:
        return _answer(502, {"message": "the vendor failed", "response": {}})
    return _answer(200, {"message": "session updated", "response": answer.json()})


def _fits(data: dict[str, Any]) -> bool:
    tags = data.get("tags") or {}
    return (
        all(isinstance(data.get(name), str | None) for name in TEXTS)
        and all(isinstance(data.get(name), int | None) for name in NUMBERS)
        and all(isinstance(value, str | None) for value in tags.values())
    )


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
