"""A system's one secret: the vendor's credentials and the client keys, read from Secrets Manager.

Its form: {"credentials": {"<account>" or "*": "<credential>"}, "client_keys": [{"id", "sha256", "name",
"allows": ["<resource>" or "*"], "expires": <Unix seconds or null>}]}.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway.core import strict_json
from gateway.core.clock import passed
from gateway.core.errors import ClientKeysUnavailable, Setup
from gateway.outbound import aws

KEEP_SECONDS = 300.0
KEYS_KEEP_SECONDS = 60.0
STALE_KEYS_SECONDS = 3600.0
AFTER_REFUSAL_SECONDS = 10.0
AFTER_UNKNOWN_KEY_SECONDS = 5.0
FETCH_SECONDS = 2.0

CREDENTIAL = re.compile(r"[!-~]+")
"""A vendor's credential is sent as a header: visible ASCII, no space."""


class SystemSecret:
    """The secret `secret_id` (name or ARN), cached for five minutes, and longer while it cannot be read."""

    def __init__(self, secret_id: str, *, clock: Callable[[], float] = passed) -> None:
        """Nothing is fetched yet."""
        self._secret_id = secret_id
        self._clock = clock
        self._document: Mapping[str, Any] | None = None
        self._read_at = -1e9
        self._tried_at = -1e9
        self._refused = False

    def prepare(self) -> None:
        """Fetch the secret during INIT. A failure is left to the first request."""
        if self._secret_id:
            self._fetch()

    def credential(self, account: str = "") -> str:
        """The vendor's credential for an account, else the one for every account ("*"). Raises Setup."""
        found = None if self._refused else self._held(account)
        # Refused or missing: an operator may have replaced it since.
        if not found and self._clock() - self._tried_at >= AFTER_REFUSAL_SECONDS:
            self._fetch()
        found = found or self._held(account)
        if not isinstance(found, str) or not found:
            raise Setup("no credential" if self._document is not None else "secret unreadable", tried=False)
        if CREDENTIAL.fullmatch(found) is None:
            raise Setup("malformed credential", tried=False)
        return found

    def _held(self, account: str) -> Any:
        credentials = (self._within(KEEP_SECONDS) or {}).get("credentials") or {}
        return credentials.get(account) or credentials.get("*")

    def refused(self) -> None:
        """Note that the vendor refused the credential: it may have been rotated, so the next call fetches it
        again, at most every 10 s."""
        self._refused = True

    def client_keys(self, *, look_again: bool = False) -> list[Mapping[str, Any]]:
        """The client keys, at most 60 s old; `look_again` fetches them for an unknown key, at most every 5 s.

        Raises ClientKeysUnavailable when they could not be read for an hour.
        """
        if look_again and self._clock() - self._tried_at >= AFTER_UNKNOWN_KEY_SECONDS:
            self._fetch()
        document = self._within(KEYS_KEEP_SECONDS)
        if document is None or self._clock() - self._read_at > STALE_KEYS_SECONDS:
            raise ClientKeysUnavailable
        keys = document.get("client_keys") or []
        return [key for key in keys if isinstance(key, dict)]

    def _within(self, seconds: float) -> Mapping[str, Any] | None:
        now = self._clock()
        # A secret that cannot be read must not cost every request two seconds.
        if now - self._read_at > seconds and now - self._tried_at >= AFTER_UNKNOWN_KEY_SECONDS:
            self._fetch()
        return self._document

    def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            found = aws.post(
                "secretsmanager", "GetSecretValue", {"SecretId": self._secret_id}, seconds=FETCH_SECONDS
            )
            document = strict_json.read(str(found["SecretString"]).encode())
        except (aws.AwsError, strict_json.Malformed, KeyError):
            return
        if isinstance(document, dict):
            self._document, self._read_at = document, self._clock()
            self._refused = False
