"""The strict reader and writer: what it refuses, and that digits in are digits out."""

import gzip
import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import strict_json


@pytest.mark.parametrize(
    "digits", ["0.10", "-0.00", "1e2", "1E+2", "1e400", "123456789012345678901234567890", "-1"]
)
def test_digits_in_are_digits_out(digits: str) -> None:
    text = f'{{"amount":{digits}}}'.encode()

    assert strict_json.write(strict_json.read(text)) == text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "invalid JSON"),
        (b"  ", "invalid JSON"),
        (b"{", "invalid JSON"),
        (b"{'a': 1}", "invalid JSON"),
        (b"\xef\xbb\xbf", "invalid JSON"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "invalid JSON"),
        (b" \xef\xbb\xbf{}", "invalid JSON"),
        (b"{}\xef\xbb\xbf", "invalid JSON"),
        (b"\xff\xfe{\x00}\x00", "invalid JSON"),
        (b'"\xff"', "invalid JSON"),
        (b'{"a":1,"a":2}', "a JSON object names a key twice"),
        (b'{"b":{"a":1,"a":1}}', "a JSON object names a key twice"),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b'"\\ud800"', "a lone surrogate is not text"),
        (b'{"\\udc00":1}', "a lone surrogate is not text"),
        (b"[" * 33 + b"]" * 33, "JSON nested deeper than 32 levels"),
        (b"1" * 5000, "a number of more than 1000 digits"),
        (b"0." + b"1" * 5000, "a number of more than 1000 digits"),
        (b"1e999999999", "a number with an exponent beyond 1000"),
        (b"1e-1001", "a number with an exponent beyond 1000"),
    ],
)
def test_refused(body: bytes, why: str) -> None:
    with pytest.raises(strict_json.Malformed, match=f"^{why}$"):
        strict_json.read(body)


def test_what_is_not_nesting_is_not_counted() -> None:
    assert strict_json.read(b'["' + b"[" * 100 + b'","\\"[["]') == ["[" * 100, '"[[']
    assert len(strict_json.read(b"[" + b",".join([b"{}"] * 100) + b"]")) == 100
    assert strict_json.read(b'"\\ud83d\\ude00"') == "😀"


def test_a_bomb_costs_nothing() -> None:
    started = time.process_time()
    for body in (b"[" * 500_000, b'{"a":' * 100_000, b"1e" + b"9" * 500_000, b"1" * 500_000):
        with pytest.raises(strict_json.Malformed):
            strict_json.read(body)
    assert time.process_time() - started < 4


def test_gunzip_stops_at_the_cap() -> None:
    assert strict_json.gunzip(gzip.compress(b"x" * 100), 100) == b"x" * 100
    with pytest.raises(strict_json.TooBig):
        strict_json.gunzip(gzip.compress(b"x" * 101), 100)
    with pytest.raises(strict_json.TooBig):
        strict_json.gunzip(gzip.compress(b"0" * 50_000_000), 512 * 1024)


@pytest.mark.parametrize(
    "body", [b"", b"plain", gzip.compress(b"x" * 1000, mtime=0)[:-9], b"\x1f\x8b" + b"\x00" * 20]
)
def test_gunzip_refuses_what_is_not_gzip(body: bytes) -> None:
    if body == b"":
        assert strict_json.gunzip(body, 10) == b""
        return
    with pytest.raises(strict_json.Malformed, match="invalid gzip"):
        strict_json.gunzip(body, 10_000)


def test_a_leading_byte_order_mark_is_skipped() -> None:
    """Unity's writer begins with one."""
    assert strict_json.read(b'\xef\xbb\xbf {"\xef\xbb\xbfa":1}') == {"\N{BYTE ORDER MARK}a": 1}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab☃", max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_what_is_written_is_read(value: object) -> None:
    assert strict_json.read(strict_json.write(value)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(strict_json.Malformed):
        strict_json.read(body)


def test_a_number_is_a_decimal() -> None:
    number = strict_json.read(b"1.50")

    assert number == Decimal("1.5")
    assert str(number) == "1.50"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"[]", []),
        (b"\xef\xbb\xbf [ \n] ", []),
        (b'[1, {"a": 1.50} ,"x"]\n', [b"1", b'{"a": 1.50}', b'"x"']),
        (b"[[1], []]", [b"[1]", b"[]"]),
    ],
)
def test_an_arrays_elements_keep_their_bytes(body: bytes, wanted: list[bytes]) -> None:
    found = list(strict_json.elements(body))

    assert [element for element, _ in found] == wanted
    assert [value for _, value in found] == [strict_json.read(element) for element in wanted]


@pytest.mark.parametrize(
    "element",
    [
        b'{"a":1,"a":2}',
        b"NaN",
        b"-Infinity",
        b"1e99999",
        b'"\\ud800"',
        b"9" * 5000,
        b"[" * 40 + b"]" * 40,
        b'[{"b": {"a":1,"a":2}}]',
    ],
)
def test_a_malformed_element_costs_no_other(element: bytes) -> None:
    first, bad, last = strict_json.elements(b"[1," + element + b', {"a": 1}]')

    assert (first, last) == ((b"1", 1), (b'{"a": 1}', {"a": 1}))
    with pytest.raises(strict_json.Malformed) as alone:
        strict_json.read(element)
    assert (bad[0], str(bad[1])) == (element, str(alone.value))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"1", b"[", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1 2]", b"[1]]", b"[1] x", b"[] []"),
        *(
            b"[\xff]",
            b"[1}",
            b"[{]",
            b'["a]',
            b"[NaN",
            b'[{"a":1,"a":2}',
            b"[1]\x00",
            b"[tru]",
            b"[" * 100_000,
        ),
    ],
)
def test_what_is_no_array_has_no_elements(body: bytes) -> None:
    with pytest.raises(strict_json.Malformed):
        list(strict_json.elements(body))
