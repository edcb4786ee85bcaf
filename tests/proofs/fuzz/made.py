"""Requests that Hypothesis makes for a route, each kind odd in one place more than in the others."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from tests.profiles import CLIENT_KEY, profiles
from tests.proofs.fuzz import values
from tests.proofs.fuzz.http1 import Lines, Request
from tests.proofs.fuzz.samples import Sample, samples

KINDS = ("body", "bytes", "headers", "query", "path", "method")
"""By what is odd in a request. `unknown` (paths that no route has) and `broken` HTTP have no route."""

JSON_TYPE = ((b"Content-Type", b"application/json"),)
NDJSON_TYPE = ((b"Content-Type", b"application/x-ndjson"),)
TEXT_TYPE = ((b"Content-Type", b"text/plain"),)
FORM_TYPE = ((b"Content-Type", b"application/x-www-form-urlencoded"),)


@st.composite
def _credentials(draw: st.DrawFn, sample: Sample) -> Lines:
    # Mostly a good one: what is behind the door is to be tried, too.
    if not sample.key_headers or draw(st.integers(0, 9)):
        return sample.key_headers
    wrong = draw(
        st.sampled_from([b"", values.WRONG_KEY.encode(), b"Auth-Token " + values.WRONG_KEY.encode()])
    )
    return tuple((name, wrong) for name, _ in sample.key_headers)


@st.composite
def _written(draw: st.DrawFn, sample: Sample) -> tuple[bytes, Lines]:
    """The sample's body, changed, in one of the ways that its system reads."""
    if not isinstance(sample.body, dict | list):
        return values.written(draw(values.nested)), JSON_TYPE
    if sample.is_door and isinstance(sample.body, list) and draw(st.integers(0, 2)) == 0:
        lines = [values.written(draw(values.changed(one))) for one in sample.body]
        blank = draw(st.sampled_from([b"", b"\n", b" \r\n"]))
        return blank + draw(st.sampled_from([b"\n", b"\r\n", b"\n\n"])).join(lines), NDJSON_TYPE
    takes_forms = profiles()[sample.system].requests.forms
    if takes_forms and isinstance(sample.body, dict) and sample.is_form != (draw(st.integers(0, 4)) == 0):
        return draw(values.form(sample.body)), FORM_TYPE
    # Unity writes a byte order mark; with a space before it, an object is no JSON to everyone.
    before = draw(st.sampled_from([b"", b"", b"", b"", b"\xef\xbb\xbf", b" "]))
    body = before + values.written(draw(values.changed(sample.body)))
    return body, draw(st.sampled_from([JSON_TYPE, JSON_TYPE, TEXT_TYPE, FORM_TYPE]))


def _sample_body(sample: Sample) -> tuple[bytes, Lines]:
    return (b"" if sample.body is None else values.written(sample.body)), JSON_TYPE


@st.composite
def requests(draw: st.DrawFn, sample: Sample, kind: str) -> Request:
    """One request of a kind for a route."""
    method, query = sample.method.encode(), None
    path_values: dict[str, str] = {}
    for name in profiles()[sample.system].requests.fresh & sample.values.keys():
        path_values[name] = draw(st.from_regex("[A-Za-z0-9_-]{8,16}", fullmatch=True))
    body, described = _sample_body(sample)
    headers = draw(_credentials(sample))
    match kind:
        case "body":
            body, described = draw(_written(sample))
            if draw(st.integers(0, 3)) == 0:
                headers += ((b"Idempotency-Key", draw(st.sampled_from([b"a", b"b", b"c" * 255]))),)
        case "bytes":
            body, described = draw(values.raw_body())
        case "headers":
            further = tuple(draw(values.header_lines))
            # A good key beside a second, bad one is refused: only sometimes is that what is to be tried.
            own = {name for name, _ in sample.key_headers}
            kept = draw(st.booleans()) and any(name in own for name, _ in further)
            headers = (headers if not kept else ()) + further
        case "query":
            query = "&".join(filter(None, draw(st.permutations([sample.query, draw(values.queries)]))))
        case "path":
            for name in sample.values:
                if draw(st.booleans()):
                    path_values[name] = draw(values.segments)
            if not sample.values:
                query = draw(st.sampled_from([sample.query, sample.query + "&", "?" + sample.query]))
        case "method":
            method = draw(st.sampled_from(values.METHODS))
            if draw(st.booleans()):
                body, described = b"", ()
            headers += tuple(draw(values.header_lines))
    return Request(
        route=sample.route,
        kind=kind,
        method=method,
        target=sample.target(path_values, query, slash=draw(st.booleans())),
        headers=headers + described,
        body=body,
    )


@cache
def _nearly_routes() -> list[str]:
    """What routes begin with, go on with, or are when they are misspelt."""
    found = set()
    for sample in samples():
        path = sample.target().decode("latin-1").partition("?")[0]
        parts = path.split("/")
        beginnings = ["/".join(parts[:count]) for count in range(2, len(parts))]
        found |= {beginning + end for beginning in beginnings for end in ("", "/", "/nope")}
        found |= {f"{path}x", f"{path}/x", f"/{path}", f"{path}//", path.upper()}
        found |= {path.replace("/", between, 2).removeprefix(between[:-1]) for between in ("//", "/./")}
    return sorted(found)


@st.composite
def unknown(draw: st.DrawFn) -> Request:
    """A request to a path that no route has, or that is almost one."""
    path = draw(st.one_of(st.sampled_from(values.UNKNOWN_PATHS), st.sampled_from(_nearly_routes())))
    for segment in draw(st.lists(values.segments, max_size=2)):
        path = f"{path.rstrip('/')}/{segment}"
    query = draw(st.one_of(st.just(""), values.queries))
    return Request(
        route="(unknown path)",
        kind="unknown",
        method=draw(st.sampled_from([b"POST", b"GET", b"PUT", b"OPTIONS", b"HEAD", b"DELETE"])),
        target=(path + ("?" + query if query else "")).encode("latin-1", "replace"),
        headers=((b"Authorization", CLIENT_KEY.encode()), *draw(values.header_lines)),
        body=draw(st.sampled_from([b"", b"{}", b"\xff"])),
    )


_HOST = b"Host: {host}\r\n"

_BROKEN = (
    b"\r\n\r\n",
    b"GARBAGE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n" + _HOST + b"\r\n",
    b"GET /%b HTTP/1.1\r\n" % (b"x" * 70_000) + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"X" + b": y\r\nX".join([b""] * 150) + b": z\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"No colon\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"X: a\x00b\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"X: a\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"Sp ace: x\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /a b HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /\x00 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET http://evil.example/v1/login HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n" + _HOST + b"Content-Length: -1\r\n\r\n",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n" + _HOST + b"Content-Length: 10\r\n\r\nshort",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n" + _HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n"
    + _HOST
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n"
    + _HOST
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n"
    + _HOST
    + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n"
    + _HOST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/login?idApp=1 HTTP/1.1\r\n" + _HOST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    b"GET / HTTP/1.0\r\n\r\n",
)


@st.composite
def broken(draw: st.DrawFn) -> Request:
    """HTTP whose very form is wrong, or rare."""
    raw = draw(
        st.one_of(st.sampled_from(_BROKEN), st.binary(min_size=1, max_size=60).map(lambda b: b + b"\r\n\r\n"))
    )
    if draw(st.booleans()):
        index = draw(st.integers(0, len(raw) - 1))
        raw = raw[:index] + draw(st.binary(max_size=2)) + raw[index + 1 :]
    return Request(route="(broken HTTP)", kind="broken", raw=raw)


def strategy(sample: Sample | None, kind: str) -> st.SearchStrategy[Request]:
    """The requests of a kind; no sample for those that have no route."""
    if kind == "unknown":
        return unknown()
    if kind == "broken":
        return broken()
    assert sample is not None
    return requests(sample, kind)
