"""The repair of an id changes no byte but those that must change."""

import pytest

from gateway.core.reply import Reply
from pushexpress.response_checks import repaired


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"id":737112}', b'{"id":"737112"}'),
        (b'{ "id" :\t-7 ,"x":1}', b'{ "id" :\t"-7" ,"x":1}'),
        (b'{"id":12345678901234567890123456789}', b'{"id":"12345678901234567890123456789"}'),
        (b'{"id":7.50}', b'{"id":"7.50"}'),
        (b'{"id":1e2}', b'{"id":"1e2"}'),
        (b'{"i\\u0064":7}', b'{"i\\u0064":"7"}'),
        (b'{"a":{"id":1},"b":[{"id":2}],"id":3}', b'{"a":{"id":1},"b":[{"id":2}],"id":"3"}'),
        (b'{"a":"id","id":3}', b'{"a":"id","id":"3"}'),
        (b'{"a":"\\"id\\":1,{","id":3}', b'{"a":"\\"id\\":1,{","id":"3"}'),
        (b'{"a":["id",1],"id":3}', b'{"a":["id",1],"id":"3"}'),
        ('{"é":"漢\\\\","id":3}'.encode(), '{"é":"漢\\\\","id":"3"}'.encode()),
    ],
)
def test_a_number_becomes_a_text(body: bytes, wanted: bytes) -> None:
    assert repaired(Reply(status=200, body=body)).body == wanted


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": "737112", "just_created": true}',
        b'{"ID": 7, "idx": 7, "n": {"id": 7}}',
        b'{"a": "id", "b": 7}',
        b"{}",
    ],
)
def test_all_else_stays(body: bytes) -> None:
    reply = Reply(status=200, body=body)

    assert repaired(reply) is reply
