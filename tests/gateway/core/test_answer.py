"""What of an upstream's answer goes on to the app."""

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, formatdate

import pytest

from gateway.core.answer import relayed
from gateway.core.reply import Reply

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", "7"),
        (" 7 ", "7"),
        ("007", "7"),
        ("0", "0"),
        ("86400", "86400"),
        ("86401", "86400"),
        ("9" * 10, "86400"),
        ("9" * 5_000, "86400"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "0"),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", "0"),
        ("Wed Oct 21 07:28:00 2015", "0"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "86400"),
        *(
            (text, None)
            for text in ("", "-1", "+1", "1.5", "1e3", "٣", "soon", "7, 7", "7 s", "Wed, 99 Oct 2015")
        ),
        ("Wed, 21 Oct 99999 07:28:00 GMT", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_retry_after_goes_on_in_seconds_and_no_longer_than_a_day(text: str, seconds: str | None) -> None:
    answer = relayed(Reply(status=429, headers={"retry-after": text}))

    assert answer.headers.get("Retry-After") == seconds


@pytest.mark.parametrize(
    ("said", "relays"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "Application/JSON; charset=utf-8"),
        ("text/plain;charset=utf-8", "text/plain;charset=utf-8"),
        ("text/plain; charset=\xe9", "text/plain"),
        ("text/html\t; a=b", "text/html"),
        ("text/\xe9", "application/octet-stream"),
        ("text/plain; a=" + "b" * 300, "text/plain"),
        ("text/", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_type_goes_on_if_it_is_json_or_text_that_a_header_can_hold(said: str, relays: str) -> None:
    assert relayed(Reply(status=200, headers={"content-type": said})).content_type == relays


def test_a_date_has_a_zone_of_its_own() -> None:
    there = datetime.now(timezone(timedelta(hours=2))) + timedelta(seconds=90)

    assert Reply(status=503, headers={"retry-after": format_datetime(there)}).retry_after in (88, 89, 90)


def test_a_date_of_today_goes_on_as_what_is_left_of_it() -> None:
    soon = formatdate(time.time() + 90, usegmt=True)

    assert Reply(status=503, headers={"retry-after": soon}).retry_after in (88, 89, 90)
    assert Reply(status=503).retry_after is None
