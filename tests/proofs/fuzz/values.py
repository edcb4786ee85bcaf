"""What Hypothesis is given to build odd requests of: values, bodies, headers, queries, paths."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

from hypothesis import strategies as st

PLANTED = "planted-1f0c9b7e"
"""Stands in values that no header of an answer may quote."""

WRONG_KEY = "tg_wrongwrong_c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff"
"""A client key that is good for nothing, and that no answer may repeat."""

RAW = "\N{OBJECT REPLACEMENT CHARACTER}raw:"
"""Marks a text that goes into JSON as it is, unquoted: what no writer would write."""

NUMBERS = (
    *("0", "-0", "1e5", "1E400", "-1e-400", "1e999999999", "0.1", "00", "01", "1.", ".5", "+1", "0x10"),
    *("NaN", "Infinity", "-Infinity", "9" * 19, "9" * 20, "9" * 5000, "0." + "3" * 3000, "1e-9999999999"),
    *("-1", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "1_0", "True", "nul"),
    *("801.0", "8.01e2", "801.5"),
)

TEXTS = (
    *("", " ", "\n", "\x00", "\x7f", "\u00a0", "\u2028", "\ufeff", "\ud800", "\udfff\ud800", "😀" * 40),
    *("../", "..%2f..%2f", "%2e%2e/", "%00", "a/b", "a?b=c", "a#b", "a;b", "a&b=c", "\r\nX-Bad: 1", "é", "٣"),
    *("BR\n", "BR", "B", "BRL", "usd", "true", "false", "null", "on", "1", "-1", " 5", "1_000", "1e5"),
    *("{}", "[]", '{"a":{}}', "<script>alert(1)</script>", "'; DROP TABLE UserEvent; --", "{{7*7}}", "%s%n"),
    *("${jndi:ldap://127.0.0.1/a}", "=cmd|'/c calc'!A1", "http://169.254.169.254/", "x" * 101, "x" * 256),
    *("x" * 1025, "x" * 2049, PLANTED, "fe3bcc9f-3289-4651-ad15-3b995718badd", "00000000-" * 4, "2017-02-29"),
    *("2017-06-02", "ping", "a@b", "unknown-1", "forbidden-1", "app_id", "192.0.2.7", "fe80::1%eth0", "ß"),
    *(
        "1" * 19,
        "9" * 5000,
        "199/100",
        "1/0",
        "NaN",
        "1e999999999",
        *("-0", "+1", "00", "007", "1.0", "²"),
        "FE3BCC9F-3289-4651-AD15-3B995718BADD",
        "0x1p3",
        "__proto__",
        "\\u0000",
        "\ufffe",
    ),
)

NAMES = (
    *("app_id", "APP_ID", "player_id", "user_key", "_user_key", "api_key", "_method", "__class__", "Nope"),
    *("", " ", "\x00", "model_config", "customUserId", "idTransaction", "ProfileID", "profileid", "Region"),
    *("scenes", "tags", "purchases", "ic_token", "self", "é", "\ud800", "a.b", "a[0]", PLANTED, "x" * 300),
)

plain = st.one_of(
    *(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.text(max_size=20)),
    st.sampled_from(NUMBERS).map(lambda number: RAW + number),
    st.sampled_from([None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, 1.5]),
)

nested = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), inner, max_size=4),
    ),
    max_leaves=8,
)


def written(value: Any) -> bytes:
    """JSON of a value, with what is marked as raw standing in it as it is."""
    if isinstance(value, str):
        return value.removeprefix(RAW).encode() if value.startswith(RAW) else json.dumps(value).encode()
    if isinstance(value, dict):
        return b"{" + b",".join(_key(name) + b":" + written(inner) for name, inner in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(written, value)) + b"]"
    return json.dumps(value, default=_digits).encode()


def _key(name: str) -> bytes:
    # A name that stands twice in one object has a mark that sets it apart until here.
    return json.dumps(name.removesuffix(RAW)).encode()


def _digits(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else None


@st.composite
def changed(draw: st.DrawFn, sample: Any) -> Any:
    """A sample's body with one to three changes: a value, a name, one field less, one twice."""
    body = json.loads(json.dumps(sample))
    for _ in range(draw(st.integers(0, 3))):
        place = body
        while True:
            steps = list(place) if isinstance(place, dict) else list(range(len(place)))
            step = draw(st.sampled_from(steps)) if steps else None
            inner = None if step is None else place[step]
            if isinstance(inner, dict | list) and inner and draw(st.booleans()):
                place = inner
                continue
            break
        what = draw(st.sampled_from(["value", "value", "value", "name", "less", "twice", "nested"]))
        if isinstance(place, dict):
            if what == "less" and step is not None:
                del place[step]
            elif what == "name" or step is None:
                place[draw(st.sampled_from(NAMES))] = draw(plain)
            elif what == "twice":
                place[str(step) + RAW] = draw(plain)
            else:
                place[step] = draw(nested if what == "nested" else plain)
        elif what == "twice" and place:
            place += [place[0]] * draw(st.sampled_from([1, 19, 20, 30]))
        elif what == "less" and place:
            place.pop()
        elif place:
            place[draw(st.integers(0, len(place) - 1))] = draw(nested)
        else:
            place.append(draw(nested))
        if not isinstance(body, dict | list) or not body:
            break
    return body


@st.composite
def form(draw: st.DrawFn, sample: dict[str, Any]) -> bytes:
    """A form body: the sample's fields, some of them changed, repeated, or of odd encodings."""
    pairs: list[tuple[str, str]] = [
        (name, value if isinstance(value, str) else json.dumps(value)) for name, value in sample.items()
    ]
    for _ in range(draw(st.integers(0, 3))):
        text = draw(st.one_of(st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.text(max_size=12)))
        if draw(st.booleans()) and pairs:
            index = draw(st.integers(0, len(pairs) - 1))
            pairs[index] = (pairs[index][0], text)
        else:
            pairs.append((draw(st.sampled_from([*NAMES, *sample])), text))
    body = urlencode(pairs, errors="surrogatepass").encode()
    tail = draw(st.sampled_from([b"", b"", b"&", b"&&=", b"&%zz=%", b"&\xff=\xfe", b";a=b", b"&=", b"+"]))
    return body + tail


def bomb(size: int) -> bytes:
    """`size` bytes of spaces and a JSON object, packed."""
    return gzip.compress(b" " * size + b"{}")


ODD_BODIES = (
    *(
        b"",
        b"null",
        b"true",
        b'"text"',
        b"0",
        b"[]",
        b"{}",
        b"[[[[",
        b"{" * 500,
        b"[" * 100_000,
        b'{"a":' * 3000,
    ),
    *(
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b"{\xff}",
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b"\x00",
    ),
    *(
        b'{"a":1,"a":2}',
        b"{'a':1}",
        b"{}{}",
        b"{}\n{}",
        b"{,}",
        b"[1,]",
        b"//\n{}",
        b"NaN",
        b"-",
        b"1e",
        b"\x80" * 99,
    ),
    *(b" " * 20_000, b"[" + b"0," * 9000 + b"0]", b'{"a":"' + b"x" * 11_000 + b'"}', b"a=b&c=d", b"%00=%ff"),
    *(b'--x\r\nContent-Disposition: form-data; name="player_id"\r\n\r\nv\r\n--x--\r\n', b"--x--", b"--x\r\n"),
    *(b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", b"\x1f\x8b"),
)

TYPES = (
    *(b"application/json", b"application/json; charset=utf-16", b"text/plain", b"multipart/form-data"),
    *(
        b"multipart/form-data; boundary=x",
        b"application/x-www-form-urlencoded",
        b"*/*",
        b"",
        b"json",
        b"a/b;",
    ),
    *(
        b"application/octet-stream",
        b"application/gzip",
        b"text/html; charset=\xff",
        b"APPLICATION/JSON",
        b",,",
    ),
)

ENCODINGS = (b"gzip", b"GZIP", b"identity", b"deflate", b"br", b"gzip, gzip", b"x" * 100, b"", b"chunked")


@st.composite
def raw_body(draw: st.DrawFn) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """A body of any bytes, with the headers that speak of it."""
    body = draw(st.one_of(st.sampled_from(ODD_BODIES), st.binary(max_size=200)))
    headers = [(b"Content-Type", draw(st.sampled_from(TYPES)))]
    match draw(st.sampled_from(["plain", "plain", "gzip", "broken", "bomb", "said"])):
        case "gzip":
            body, headers = gzip.compress(body), [*headers, (b"Content-Encoding", b"gzip")]
        case "broken":
            packed = gzip.compress(body)
            cut = draw(st.integers(0, len(packed)))
            body, headers = packed[:cut] + b"\x00", [*headers, (b"Content-Encoding", b"gzip")]
        case "bomb":
            size = draw(st.sampled_from([10_239, 524_287, 2_000_000, 20_000_000]))
            body, headers = bomb(size), [*headers, (b"Content-Encoding", b"gzip")]
        case "said":
            headers.append((b"Content-Encoding", draw(st.sampled_from(ENCODINGS))))
    return body, tuple(headers)


_visible = st.binary(max_size=40).map(
    lambda raw: bytes(b if b == 9 or (b >= 32 and b != 127) else 33 for b in raw).strip()
)

HEADERS = (
    *(
        b"Authorization",
        b"X-Api-Key",
        b"X-User-Key",
        b"Idempotency-Key",
        b"Content-Type",
        b"Content-Encoding",
    ),
    *(b"Origin", b"Access-Control-Request-Method", b"Access-Control-Request-Headers", b"X-Forwarded-For"),
    *(b"X-HTTP-Method-Override", b"X-Forwarded-Host", b"X-Original-URL", b"Accept", b"Accept-Encoding"),
    *(b"User-Agent", b"Cookie", b"Range", b"If-None-Match", b"Referer", b"Forwarded", b"Via", b"X-Amz-Date"),
    *(
        b"Gateway-Event-Id",
        b"Gateway-Delivery",
        b"X-Amzn-Trace-Id",
        b"Content-MD5",
        b"Traceparent",
        b"X_Api_Key",
    ),
)

HEADER_VALUES = (
    *(b"", b"Auth-Token", b"Auth-Token ", b"Basic dTpw", b"Bearer", b"Auth-Token  a b", b"AUTH-TOKEN\tx"),
    *(
        WRONG_KEY.encode(),
        b"Auth-Token " + WRONG_KEY.encode(),
        b"Bearer " + WRONG_KEY.encode(),
        b"null",
        b"*",
    ),
    *(b"127.0.0.1", b"::1, 10.0.0.1", b"https://evil.example", b"POST", b"DELETE", b"x" * 255, b"x" * 256),
    *(
        b"\xff\xfe",
        b"\xc3\xa9",
        b"a, b, c",
        b"application/json, text/html",
        b"1",
        b"key-1",
        b"key-2",
        b"x" * 7000,
    ),
    *(
        b'"><script>',
        b"() { :;}; echo",
        b"${jndi:ldap://127.0.0.1/a}",
        b"gzip;q=0",
        b"bytes=0-1",
        b"%0d%0aX: 1",
    ),
)

header_lines = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(HEADERS),
            st.sampled_from(HEADERS),
            st.from_regex(rb"X-[A-Za-z0-9]{1,12}", fullmatch=True),
        ),
        st.one_of(st.sampled_from(HEADER_VALUES), st.sampled_from(HEADER_VALUES), _visible),
    ),
    max_size=4,
)

_query_text = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: quote(text, safe="", errors="surrogatepass")),
    st.binary(max_size=12).map(quote_from_bytes),
    st.sampled_from(
        ["%", "%zz", "%ff%fe", "%00", "+", "a+b", "%0d%0aX:1", "%F0%9F%98%80", "%C0%80", "x" * 3000]
    ),
)

queries = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(["idApp", "origin", "app_id", "user_key", "api_key", "player_id", "", "state"]),
            _query_text,
        ),
        _query_text,
    ),
    max_size=4,
).flatmap(
    lambda pairs: st.sampled_from(["&", "&", ";", "&&"]).map(
        lambda between: between.join(f"{name}={value}" for name, value in pairs)
    )
)

segments = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: quote(text, safe="", errors="surrogatepass")),
    st.binary(min_size=1, max_size=8).map(lambda raw: quote_from_bytes(raw, safe="")),
    st.sampled_from(
        ["..", ".", "%2e%2e", "%2E", "%2f", "..%2f..%2fplayers", "%252e%252e%252f", "a%3Fb", "a%23b"]
    ),
    st.sampled_from(
        [
            "v4",
            "V4",
            "v0",
            "v99999999999",
            "4",
            "1.0",
            "x" * 64,
            "x" * 65,
            "x" * 100,
            "x" * 101,
            "~",
            "a:b",
            "a@b",
            "*",
        ]
    ),
)

METHODS = (
    b"GET",
    b"HEAD",
    b"PUT",
    b"POST",
    b"PATCH",
    b"DELETE",
    b"OPTIONS",
    b"TRACE",
    b"PROPFIND",
    b"X",
    b"post",
)

UNKNOWN_PATHS = (
    *("/", "/api", "/v0/registration", "/v1", "/v1/", "/v2/login", "/v10/x", "/v/x", "/vx/y"),
    *("/favicon.ico", "/robots.txt", "/.git/config", "/.env", "/_aws/execute-api", "/restapis", "/health"),
)
"""Paths of no system. made.py adds those that are nearly a route."""
