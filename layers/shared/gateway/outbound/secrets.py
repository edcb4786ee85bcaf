"""A system's one secret: the vendor's credentials and the client keys, read from Secrets Manager.

Its form: {"credentials": {"<account>" or "*": "<credential>"}, "client_keys": [{"id", "sha256", "name",
"allows": ["<resource>" or "*"], "expires": <Unix seconds or null>}], "accounts": {"<account>": {"<setting>":
"<value>"}}}. The settings of an account are the system's own; 0.2.0 had no `accounts`.
"""

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from gateway.core import strict_json
from gateway.core.account import Account
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

    def __init__(
        self, secret_id: str, account: Account | None = None, *, clock: Callable[[], float] = passed
    ) -> None:
        """Nothing is fetched yet. `account`: what its credentials are for, None if one is for everything."""
        self.account = account
        self._secret_id = secret_id
        self._clock = clock
        self._document: Mapping[str, Any] | None = None
        self._read_at = -1e9
        self._tried_at = -1e9
        self._refused: set[str] = set()
        self._fetching = threading.RLock()

    def prepare(self) -> None:
        """Fetch the secret during INIT. A failure is left to the first request."""
        if self._secret_id:
            self._fetch()

    def credential(self, account: str = "") -> str:
        """The vendor's credential for an account: its own, else the one for every account ("*"), which does
        not count for a named account that must have its own. Raises Setup."""
        with self._fetching:
            self._within(KEEP_SECONDS)
            name, found = self._held(account)
            # Refused or missing: an operator may have replaced it since.
            is_good = found and name not in self._refused
            if not is_good and self._clock() - self._tried_at >= AFTER_REFUSAL_SECONDS:
                self._fetch()
                name, found = self._held(account)
        if not isinstance(found, str) or not found:
            raise Setup("no credential" if self._document is not None else "secret unreadable", tried=False)
        if CREDENTIAL.fullmatch(found) is None:
            raise Setup("malformed credential", tried=False)
        return found

    def account_settings(self, account: str) -> Mapping[str, str]:
        """What a named account has beside its credential: `{"model": "users"}`. Raises Setup."""
        if self.account is None or not account:
            return {}
        for seconds in (KEEP_SECONDS, AFTER_REFUSAL_SECONDS):
            document = self._within(seconds)
            with suppress(ValueError):
                if document is not None:
                    return self.account.settings_in(document, account)
        reason = "secret unreadable" if self._document is None else "malformed account settings"
        raise Setup(reason, tried=False)

    def _held(self, account: str) -> tuple[str, Any]:
        """The credential for an account, after the name under which it stands."""
        credentials = (self._document or {}).get("credentials")
        if not isinstance(credentials, dict):
            credentials = {}
        own = account and self.account is not None and self.account.own_credential
        name = account if own or credentials.get(account) else "*"
        return name, credentials.get(name)

    def refused(self, account: str = "") -> None:
        """Note that the vendor refused an account's credential: it may have been rotated, so the next call
        with it fetches the secret again, at most every 10 s."""
        self._refused.add(self._held(account)[0])

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
        with self._fetching:  # one thread fetches for all
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
            self._refused.clear()
