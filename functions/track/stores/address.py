"""The address and login of a MySQL or MariaDB, read from the store's URL and from its secret."""

import json
import re
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from gateway.core.data import dataclass
from gateway.core.errors import Setup

_SCHEMES = ("mysql+pymysql", "mysql")
_OPTIONS = {"secret", "tls", "ssl_ca", "charset"}
# [user[:password]@][protocol[(address)]]/database[?options], as in https://github.com/go-sql-driver/mysql
_GO_FORM = re.compile(
    r"(?:(?P<user>[^:@/]*)(?::(?P<password>.*))?@)?(?P<protocol>tcp|unix)\((?P<at>[^()]*)\)/(?P<rest>[^/]*)"
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "")


@dataclass(frozen=True)
class Address:
    """A database and its login. `tls` None: on, unless the server is on this machine."""

    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int = 3306
    socket: str = ""
    database: str = ""
    tls: bool | None = None
    authority: str = ""
    secret: str = ""

    @property
    def encrypted(self) -> bool:
        """Whether the connection must be encrypted and the server's certificate valid."""
        if self.tls is not None:
            return self.tls
        return bool(self.authority) or not (self.socket or self.host in _LOOPBACK)

    @classmethod
    def of_url(cls, url: str) -> Self:
        """Read `mysql+pymysql://user[:password]@host[:port]/database[?secret=…&tls=on|off&ssl_ca=…]`.

        `secret` names a secret (name or ARN) that holds the password or the whole address; `ssl_ca` is a
        file. Raises Setup.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 3306
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        except ValueError:
            raise Setup("store URL unreadable") from None
        if parts.scheme not in _SCHEMES or options.keys() - _OPTIONS:
            raise Setup("store URL unreadable")
        return cls(
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname or "",
            port=port,
            database=unquote(parts.path.removeprefix("/")),
            tls=_switch(options.get("tls", "")),
            authority=options.get("ssl_ca", ""),
            secret=options.get("secret", ""),
        )

    @classmethod
    def of_go_form(cls, text: str) -> Self | None:
        """Read `user:password@tcp(host:port)/database?tls=true`; None if `text` is of another form.

        Options about charset, time zone and timeouts are ours to choose and are not looked at.
        """
        found = _GO_FORM.fullmatch(text)
        if found is None:
            return None
        database, _, query = found["rest"].partition("?")
        where = found["at"]
        host, _, port = where.rpartition(":") if re.search(r":[0-9]+$", where) else (where, "", "3306")
        over_tcp = found["protocol"] == "tcp"
        return cls(
            user=found["user"] or "",
            password=found["password"] or "",
            host=host.strip("[]") if over_tcp else "",
            port=int(port) if over_tcp else 3306,
            socket="" if over_tcp else where,
            database=unquote(database),
            tls=_switch(dict(parse_qsl(query)).get("tls", "")),
        )

    def completed(self, secret: str) -> Self:
        """This address with what its secret holds: a password, an address as URL or in Go's form, or JSON
        as RDS writes it (`username`, `password`, …) or as a system's secret is (`credentials`: `*`).

        What the URL says itself (host, database, TLS) wins. Raises Setup.
        """
        text = secret.strip()
        if text.startswith("{"):
            return self._completed_by_json(text)
        if text.startswith(tuple(f"{scheme}://" for scheme in _SCHEMES)):
            return self._over(type(self).of_url(text))
        found = type(self).of_go_form(text)
        return replace(self, password=text) if found is None else self._over(found)

    def _completed_by_json(self, text: str) -> Self:
        try:
            document: Mapping[str, Any] = json.loads(text)
        except ValueError:
            raise Setup("store's secret unreadable") from None
        credentials = document.get("credentials")
        if isinstance(credentials, dict) and isinstance(credentials.get("*"), str):
            return self.completed(credentials["*"])
        try:
            return self._over(
                type(self)(
                    user=str(document.get("username") or ""),
                    password=str(document["password"]),
                    host=str(document.get("host") or ""),
                    port=int(document.get("port") or 3306),
                    database=str(document.get("dbname") or ""),
                )
            )
        except (KeyError, ValueError):
            raise Setup("store's secret unreadable") from None

    def _over(self, below: Self) -> Self:
        """This address, completed from another one. The port belongs to its host."""
        return replace(
            self,
            user=self.user or below.user,
            password=below.password or self.password,
            host=self.host or below.host,
            port=self.port if self.host else below.port,
            socket=self.socket or ("" if self.host else below.socket),
            database=self.database or below.database,
            tls=below.tls if self.tls is None else self.tls,
            authority=self.authority or below.authority,
        )


def _switch(value: str) -> bool | None:
    match value.lower():
        case "":
            return None
        case "on" | "true" | "1":
            return True
        case "off" | "false" | "0":
            return False
    # Go's `skip-verify` and `preferred` would accept any certificate.
    raise Setup("store's TLS option unknown")
