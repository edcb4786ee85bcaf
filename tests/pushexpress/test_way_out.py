"""What push.express is told of the app and of the caller's address: the gateway's word, not the client's."""

from urllib.parse import urlsplit

import pytest

from tests.safety.outside import Outside, deploy, sample, success
from tests.sample_events import with_header


def test_an_alias_goes_out_as_the_app_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(vendor=success("pushexpress.create_instance"))
    event = sample("pushexpress.create_instance")
    event["pathParameters"]["app_id"] = "alias-of-app"

    deploy("pushexpress.create_instance", outside, monkeypatch)(event)

    assert [urlsplit(one.url).path for one in outside.vendor_requests] == [
        "/base/api/r/v2/apps/20523-1213/instances"
    ]


def test_the_callers_address_is_api_gateways_word_not_the_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    from pushexpress.system import settings as own

    monkeypatch.setattr("pushexpress.system.settings", own.model_copy(update={"fill_client_ip": True}))
    outside = Outside(vendor=success("pushexpress.create_instance"))
    event = sample("pushexpress.create_instance")
    with_header(event, "X-Forwarded-For", "198.51.100.66")
    with_header(event, "User-Agent", "x\r\nHost: evil.example")

    deploy("pushexpress.create_instance", outside, monkeypatch)(event)

    assert (
        outside.vendor_requests[0].headers["X-Forwarded-For"]
        == event["requestContext"]["identity"]["sourceIp"]
    )
    assert "User-Agent" not in outside.vendor_requests[0].headers
