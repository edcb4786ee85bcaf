"""Multipart forms: what a client's library may write, and what is refused."""

from collections.abc import Sequence

import pytest

from gateway.core.errors import Unreadable
from gateway.inbound.form import MAX_FIELDS, multipart_fields
from gateway.inbound.request import Request


def request(body: str | bytes, boundary: str = "XX") -> Request:
    return Request(
        method="POST",
        resource="/",
        headers={"content-type": (f"multipart/form-data; boundary={boundary}",)},
        received=body if isinstance(body, bytes) else body.encode(),
        received_at=0.0,
        event_id="e",
    )


def form(*parts: tuple[Sequence[str], str], boundary: str = "XX") -> str:
    written = ("\r\n".join([f"--{boundary}", *head, "", content]) for head, content in parts)
    return "\r\n".join([*written, f"--{boundary}--", ""])


def named(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


@pytest.mark.parametrize("boundary", ["XX", '"a b"', "----=_Part_0_1.2", "a/b:c,d?", '"----=_Part_0_1.2"'])
def test_fields_in_their_order_whatever_the_boundary(boundary: str) -> None:
    body = form(([named("b")], "1"), ([named("a")], ""), ([named("b")], "2"), boundary=boundary.strip('"'))

    assert multipart_fields(request(body, boundary)) == [("b", "1"), ("a", ""), ("b", "2")]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ([named("a")], "a"),
        (["content-disposition: form-data; name=a"], "a"),
        ([named("ä")], "ä"),
        ([named("")], ""),
        ([named("a%22b")], 'a"b'),  # as a browser writes a quotation mark
        ([named(r"a\"b")], 'a"b'),  # as older clients do
        ([named("a"), "Content-Type: text/plain; charset=utf-8", "Content-Length: 1"], "a"),
        ([named("a") + '; filename="a.bin"', "Content-Type: application/octet-stream"], "a"),
    ],
)
def test_names(head: Sequence[str], name: str) -> None:
    assert multipart_fields(request(form((head, "1")))) == [(name, "1")]


@pytest.mark.parametrize("content", ["a\r\nb", "--XX", "\r\n--X", "ä", "\r\n"])
def test_contents(content: str) -> None:
    assert multipart_fields(request(form(([named("a")], content)))) == [("a", content)]


def test_text_around_the_parts_is_ignored() -> None:
    assert multipart_fields(request("before\r\n" + form(([named("a")], "1")) + "after")) == [("a", "1")]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "--XX--\r\n",
        "--XX\r\n",
        form(([named("a")], "1")).removesuffix("--XX--\r\n"),
        form((["X: y"], "1")),
        form((["Content-Disposition: form-data"], "1")),
        form((["Content-Disposition: attachment; name=a"], "1")),
        form(([named("a"), "Content-Length: 2"], "1")),
        form(([named("a"), "no colon"], "1")),
        form(([named("a"), f"X: {'y' * 1_024}"], "1")),
        form(([named("a"), *["X: y"] * 8], "1")),
        form(*[([named("a")], "1")] * (MAX_FIELDS + 1)),
        form(([named("a")], "?")).replace("?", "\n--XX--").replace("\r\n", "\n"),
        form(([named("a")], "1")).encode().replace(b"1", b"\xff"),
        form(([named("a")], "1")).encode().replace(b'"a"', b'"\xff"'),
    ],
)
def test_refused(body: str | bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        multipart_fields(request(body))

    assert caught.value.reason == "invalid form"


def test_as_many_fields_as_may_be() -> None:
    assert len(multipart_fields(request(form(*[([named("a")], "1")] * MAX_FIELDS)))) == MAX_FIELDS
