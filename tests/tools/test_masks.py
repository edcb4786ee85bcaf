"""No credential is shown, however it is written."""

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest

from tools.masks import MASK, Masks, password, without_password
from tools.operator.client_keys.entries import NewKey

CREDENTIAL = 'pl4nted/crédential+"quoted" end=='
KEY = "a-key-made-by-hand"


@pytest.fixture
def masks() -> Masks:
    found = Masks()
    found.know([CREDENTIAL], [hashlib.sha256(KEY.encode()).hexdigest()])
    return found


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(CREDENTIAL, id="as it is"),
        pytest.param(CREDENTIAL.encode().decode("latin-1"), id="in a header, which is Latin-1"),
        pytest.param(quote(CREDENTIAL), id="in a path"),
        pytest.param(quote(CREDENTIAL, safe=""), id="in a query"),
        pytest.param(quote_plus(CREDENTIAL), id="in a form"),
        pytest.param(quote(CREDENTIAL, safe="").replace("%2B", "%2b"), id="in mixed case"),
        pytest.param("".join(f"%{byte:02x}" for byte in CREDENTIAL.encode()), id="every byte escaped"),
        pytest.param(json.dumps(CREDENTIAL), id="in JSON"),
        pytest.param(json.dumps(CREDENTIAL, ensure_ascii=False), id="in JSON beyond ASCII"),
        pytest.param(json.dumps(CREDENTIAL).replace("/", "\\/"), id="in JSON of PHP"),
        pytest.param(json.dumps(json.dumps({"a": CREDENTIAL})), id="in JSON in JSON"),
    ],
)
def test_every_spelling_is_hidden(masks: Masks, written: str) -> None:
    shown = masks.text(f"before {written} after")

    assert MASK in shown
    assert "nted" not in shown
    assert shown.startswith("before")
    assert shown.endswith("after")


@pytest.mark.parametrize("before", ["", ":", "ab", "user:", "user:x"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
def test_it_is_hidden_inside_base64_of_any_alignment(masks: Masks, before: str, after: str) -> None:
    for encoded in (
        in_base64(before + CREDENTIAL + after),
        base64.urlsafe_b64encode((before + CREDENTIAL + after).encode()).decode(),
    ):
        shown = masks.text(f'{{"auth": "{encoded}"}}')

        assert MASK in shown
        padded = [encoded[start:] + "===" for start in (0, 1, 2, 3)]
        assert not any(part[:40] in shown for part in padded)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Basic dXNlcjp1bmtub3du", f"Basic {MASK}"),
        ("authorization", "unknown-to-us", MASK),
        ("Authorization", "Auth-Token  of a vendor", f"Auth-Token {MASK}"),
        ("Proxy-Authorization", "Bearer x", f"Bearer {MASK}"),
        ("Cookie", "trackgate-console-4020=abc; b=2", MASK),
        ("Set-Cookie", "a=b", MASK),
        ("X-API-KEY", "whatever", MASK),
        ("X-Other", f"token={CREDENTIAL}", f"token={MASK}"),
        ("Accept", "*/*", "*/*"),
    ],
)
def test_headers_that_carry_credentials_are_hidden_whatever_they_hold(
    masks: Masks, name: str, value: str, shown: str
) -> None:
    assert masks.header(name, value) == shown
    assert masks.data({"headers": [[name, value]]}) == {"headers": [[name, shown]]}


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        pytest.param([("Authorization", KEY)], "/", id="alone"),
        pytest.param([("Authorization", f"Auth-Token {KEY}")], "/", id="after a scheme"),
        pytest.param([("X-Odd", KEY)], "/", id="in any header"),
        pytest.param([], f"/a?b=1&token={KEY}", id="in the query"),
    ],
)
def test_a_client_key_is_learned_from_the_first_request_that_carries_it(
    masks: Masks, headers: list[tuple[str, str]], target: str
) -> None:
    assert masks.text(KEY) == KEY

    masks.learn(headers, target)

    assert masks.text(f"{KEY} {in_base64(KEY)}") == f"{MASK} {MASK}" or MASK in masks.text(in_base64(KEY))
    assert masks.around_client_keys(f"a {KEY} b") == ["a ", " b"]
    assert KEY not in masks.text(urlencode({"k": KEY}))


def test_a_client_key_of_any_stack_is_hidden(masks: Masks) -> None:
    """As the operator makes it: another stack's, one that was revoked, one that no header has carried."""
    key = NewKey().text

    for each in (masks, Masks()):
        assert each.text(f'{{"key": "{key}"}} {key}.') == f'{{"key": "{MASK}"}} {MASK}.'
        assert each.around_client_keys(f"{key}, no key") == ["", ", no key"]
    assert masks.text("tg_0011223344_abc") == "tg_0011223344_abc"


def test_a_client_key_may_be_known_from_the_beginning() -> None:
    masks = Masks(KEY)

    assert masks.text(f"a {KEY}") == f"a {MASK}"
    assert masks.around_client_keys(f"{KEY}{KEY}") == ["", "", ""]


def test_a_client_key_is_found_though_its_value_was_already_hidden(masks: Masks) -> None:
    masks.know([KEY])
    assert masks.around_client_keys(KEY) == [KEY]

    masks.learn([("Authorization", KEY)], "/")

    assert masks.around_client_keys(KEY) == ["", ""]


def test_every_text_of_a_value_is_hidden_and_nothing_else_changes(masks: Masks) -> None:
    value: Any = {"a": [1, None, True, {"b": f"x{CREDENTIAL}"}], CREDENTIAL: 1.5, "headers": {"no": "list"}}

    assert masks.data(value) == {
        "a": [1, None, True, {"b": f"x{MASK}"}],
        MASK: 1.5,
        "headers": {"no": "list"},
    }


def test_what_was_hidden_stays_hidden_when_the_credential_changes(masks: Masks) -> None:
    masks.know(["another-credential"])

    assert masks.text(f"{CREDENTIAL} another-credential") == f"{MASK} {MASK}"


def test_a_credential_with_half_of_a_surrogate_pair_hides_the_others(masks: Masks) -> None:
    """JSON that was written by hand may hold one; no program sends it."""
    masks.know(["half-\ud83d-of-a-pair", "another-credential"])

    assert masks.text(r"another-credential half-\ud83d-of-a-pair") == f"{MASK} {MASK}"


def test_new_keys_are_a_reason_to_look_again(masks: Masks) -> None:
    assert masks.know([], ["00" * 32])
    assert not masks.know(["some-credential"], ["00" * 32])


def test_a_credential_that_hides_half_of_every_text_is_no_known_value(masks: Masks) -> None:
    masks.know(["", "a", "abc"])

    assert masks.text("abc") == "abc"


def test_without_credentials_nothing_is_hidden() -> None:
    assert Masks().text("anything") == "anything"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("\\", id="backslashes"),
        pytest.param("%", id="percent signs"),
        pytest.param("\\u0070", id="its first letter, escaped"),
        pytest.param("\\\\u0070", id="its first letter, escaped twice"),
        pytest.param("pl4nted", id="its beginning"),
        pytest.param("%70l4nted", id="its beginning, escaped"),
    ],
)
def test_no_text_takes_long(masks: Masks, written: str) -> None:
    """A regular expression holds the interpreter, and with it the whole run."""
    text = written * (65_536 // len(written)) + "%"

    began = time.process_time()
    masks.text(text)

    assert time.process_time() - began < 2


def test_a_credential_after_backslashes_is_hidden(masks: Masks) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in CREDENTIAL)

    for depth in range(1, 9):
        assert MASK in masks.text("\\" * depth + CREDENTIAL)
        assert "006e" not in masks.text("\\" * depth + escaped)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql+pymysql://user:pa:ss@db:3306/events?a=b", "mysql+pymysql://user:…@db:3306/events?a=b"),
        ("mysql+pymysql://user:p@ss@db/events", "mysql+pymysql://user:…@db/events"),
        ("mysql+pymysql://:password@db/events", "mysql+pymysql://:…@db/events"),
        ("mysql+pymysql://user:pa/ss?#[@db/events?a=b@c", "mysql+pymysql://user:…@db/events?a=b@c"),
        ("mysql+pymysql://user@db/events", "mysql+pymysql://user@db/events"),
        ("http://127.0.0.1:4010/acme?a=b@c", "http://127.0.0.1:4010/acme?a=b@c"),
        ("http://[::1]:4010/acme?a=b@c", "http://[::1]:4010/acme?a=b@c"),
        ("sqlite:////tmp/a:b@c.db", "sqlite:////tmp/a:b@c.db"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_a_password_is_found_though_it_is_not_escaped() -> None:
    for text in ("secret", "pa/ss?#[", "123456/7", "p%40ss", ""):
        assert password(f"mysql+pymysql://user:{text}@db:3306/events?ssl=a@b") == text
    assert password("sqlite:////tmp/a:b@c.db") == ""
