"""The vendor's further methods: relayed as they come, and everything else unknown."""

from typing import Any

import pytest

from gateway.core.reply import Reply
from mytracker.other_method import handler


@pytest.mark.parametrize(
    "method",
    ["appStoreRevenue", "googlePlaySubscription", "userInfo", "userInfoBatch", "order", "orderBatch"],
)
def test_relayed_as_it_came(ask: Any, method: str) -> None:
    query = [("idApp", "666"), ("a", "ж&я"), ("a", "")]

    answer, request = ask(handler, path={"method": method}, body=' {"any": [1.50]} ', query=query)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (200, "delivered")
    assert (request.path, request.query) == (f"/v1/{method}", "idApp=666&a=%D0%B6%26%D1%8F&a=")
    assert request.body == b' {"any": [1.50]} '


@pytest.mark.parametrize("body", ["", "not json", "null"])
def test_unvalidated(ask: Any, body: str) -> None:
    assert ask(handler, body=body)[1].body == body.encode()


def test_an_empty_answer_is_an_answer(ask: Any) -> None:
    assert ask(handler, outcome=Reply(status=200))[0]["statusCode"] == 200


@pytest.mark.parametrize(
    "method",
    [
        "nothing",
        "Order",
        "xorder",
        "order\n",
        "order/..",
        "order/../login",
        "order?x",
        "order%2F",
        "..",
        "",
        "versionx",
    ],
)
@pytest.mark.parametrize("verb", ["POST", "GET"])
def test_unknown(ask: Any, keyed: Any, method: str, verb: str) -> None:
    keyed(handler)

    answer, request = ask(handler, path={"method": method}, method=verb, headers={"Authorization": None})

    assert (answer["statusCode"], answer["body"], request) == (404, '{"error":"Method not found"}', None)
    assert "Gateway-Delivery" not in answer["headers"]


def test_a_key_for_the_app(ask: Any, keyed: Any) -> None:
    keyed(handler)

    assert ask(handler)[0]["statusCode"] == 200
    assert ask(handler, query=[("idApp", "668")])[0]["statusCode"] == 403
    assert ask(handler, query=[])[0]["statusCode"] == 403


@pytest.mark.parametrize(("size", "status"), [(10_241, 200), (512 * 1024, 200), (512 * 1024 + 1, 400)])
def test_limit(ask: Any, size: int, status: int) -> None:
    """App Store receipts are larger than the events of the document."""
    answer, request = ask(handler, body="x" * size)

    assert answer["statusCode"] == status
    assert (request is None) == (status == 400)
    assert status == 200 or answer["body"] == '{"error":"Bad Request"}'


def test_never_queued() -> None:
    assert handler.success.queued is None


def test_the_families_are_a_setting(ask: Any, monkeypatch: pytest.MonkeyPatch, strict: Any) -> None:
    monkeypatch.setenv("OTHER_METHODS", "refund, chargeback")
    of_setting = strict("other_method")

    assert ask(of_setting, path={"method": "refundAll"})[0]["statusCode"] == 200
    assert ask(of_setting, path={"method": "chargeback"})[0]["statusCode"] == 200
    assert ask(of_setting, path={"method": "order"})[0]["statusCode"] == 404
