"""The translation of players' calls: every field has one place in the users model, or is dropped by name."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import strict_json
from gateway.core.message import HttpRequest
from onesignal.users import MAX_SESSION_TIME, OTHER, WITHOUT_COUNTERPART, Update, player_of, translated

PLAYER = "FE3BCC9F-3289-4651-ad15-3b995718badd"
SUBSCRIPTION_FIELDS = {"token", "device_os", "app_version", "sdk"}


def asked(action: str, body: Mapping[str, Any] | bytes) -> Update:
    return translated(HttpRequest(method="POST", path=f"/players/{PLAYER}/{action}", body=body))


def session(**fields: Any) -> Update:
    return asked("on_session", fields)


def bought(**fields: Any) -> Any:
    update = asked("on_purchase", {"purchases": [{"sku": "gems", "iso": "usd", "amount": "1", **fields}]})
    return update.user["deltas"]["purchases"][0]


def test_a_session_without_data_is_one_more_session() -> None:
    assert session() == Update(
        player_id=PLAYER, subscription={}, user={"deltas": {"session_count": 1}}, dropped={}
    )


@pytest.mark.parametrize(
    ("field", "name"),
    [("identifier", "token"), ("device_os", "device_os"), ("game_version", "app_version"), ("sdk", "sdk")],
)
@pytest.mark.parametrize("value", ["x", "", "ü \u2028"])
def test_what_is_told_of_the_device_is_the_subscriptions(field: str, name: str, value: str) -> None:
    update = session(**{field: value})

    assert (update.subscription, update.user) == ({name: value}, {"deltas": {"session_count": 1}})


@pytest.mark.parametrize("language", ["en", "", "zh-Hans"])
def test_a_language_is_the_users(language: str) -> None:
    assert session(language=language).user == {
        "properties": {"language": language},
        "deltas": {"session_count": 1},
    }


@pytest.mark.parametrize(
    "tags",
    [
        {"level": "5"},
        {"level": ""},
        {"level": None},
        {"a": "1", "b": "", "c": None},
        {"app_id": "x", "": "y"},
    ],
)
def test_tags_are_the_users_with_empty_ones_and_null(tags: Any) -> None:
    assert session(tags=tags).user["properties"] == {"tags": tags}


@pytest.mark.parametrize("number", [1, 100, 101, 250])
def test_all_tags_stay_in_one_request_and_onesignal_refuses_too_many(number: int) -> None:
    tags = {f"tag{n}": str(n) for n in range(number)}

    assert session(tags=tags, language="en").user["properties"] == {"tags": tags, "language": "en"}


@pytest.mark.parametrize("field", ["language", "tags", "identifier", "device_os", "game_version", "sdk"])
def test_null_is_as_good_as_absent(field: str) -> None:
    assert session(**{field: None}) == session()


def test_no_tags_are_no_properties() -> None:
    assert session(tags={}) == session()


@pytest.mark.parametrize(
    ("field", "value"), [("timezone", 3600), ("timezone", 0), ("ad_id", "x"), ("device_type", 1)]
)
def test_a_documented_field_without_counterpart_is_dropped_by_name(field: str, value: Any) -> None:
    update = session(**{field: value})

    assert (update.dropped, update.subscription, update.user) == ({field: 1}, {}, session().user)


@pytest.mark.parametrize("field", ["timezone", "ad_id", "device_type", "unlisted"])
def test_a_null_that_goes_nowhere_is_not_counted(field: str) -> None:
    assert session(**{field: None}).dropped == {}


def test_names_that_a_client_chose_are_counted_together() -> None:
    update = session(lat=1, device_model="x", refresh_device_metadata=True, deltas={}, timezone=0)

    assert (update.dropped, update.user) == ({OTHER: 4, "timezone": 1}, session().user)


def test_a_whole_session() -> None:
    update = session(
        identifier="t", language="en", timezone=3600, game_version="1.0", device_os="17", device_type=0,
        ad_id="a", sdk="5", tags={"a": "1"},
    )  # fmt: skip

    assert update == Update(
        player_id=PLAYER,
        subscription={"token": "t", "device_os": "17", "app_version": "1.0", "sdk": "5"},
        user={"properties": {"language": "en", "tags": {"a": "1"}}, "deltas": {"session_count": 1}},
        dropped={"timezone": 1, "device_type": 1, "ad_id": 1},
    )


@pytest.mark.parametrize(
    ("seconds", "counted"),
    [
        (0, 0),
        (60, 60),
        (MAX_SESSION_TIME, 2**31 - 1),
        (MAX_SESSION_TIME + 1, 2**31 - 1),
        (2**63 - 1, 2**31 - 1),
    ],
)
def test_seconds_are_bounded_to_32_bits(seconds: int, counted: int) -> None:
    update = asked("on_focus", {"state": "ping", "active_time": seconds})

    assert (update.user, update.subscription, update.dropped) == (
        {"deltas": {"session_time": counted}},
        {},
        {},
    )


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0.99", "0.99"),
        ("1.50", "1.50"),
        ("10", "10"),
        ("0", "0"),
        ("-5.00", "-5.00"),
        ("1e2", "1e2"),
        ("1.0E7", "1.0E7"),
        ("-0", "-0"),
        ('"1.10"', "1.10"),
        ('"007"', "007"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    ],
)
def test_an_amount_is_a_string_of_the_digits_that_were_sent(written: str, amount: str) -> None:
    body = f'{{"purchases":[{{"sku":"gems","iso":"USD","amount":{written}}}]}}'.encode()

    as_queued = asked("on_purchase", body)
    as_received = asked("on_purchase", strict_json.read(body))

    assert as_queued == as_received
    assert as_queued.user["deltas"]["purchases"][0]["amount"] == amount


@pytest.mark.parametrize("iso", ["usd", "USD", "uSd"])
def test_a_currency_is_in_upper_case(iso: str) -> None:
    assert bought(iso=iso) == {"sku": "gems", "iso": "USD", "amount": "1", "count": 1}


def test_each_purchase_counts_once_whatever_else_it_says() -> None:
    assert bought(count=7, quantity=3, amount_spent=5) == bought()


def test_all_purchases_of_a_call_stay_together() -> None:
    items = [{"sku": f"s{n}", "iso": "EUR", "amount": n} for n in range(3)]

    update = asked("on_purchase", {"purchases": items, "existing": False})

    assert [one["sku"] for one in update.user["deltas"]["purchases"]] == ["s0", "s1", "s2"]
    assert (update.dropped, update.subscription) == ({"existing": 1}, {})


def test_what_a_purchase_drops_is_counted() -> None:
    items = [{"sku": "a", "iso": "EUR", "amount": 1, "x": 1, "y": None, "existing": True}] * 2

    assert asked("on_purchase", {"purchases": items, "z": 1, "existing": None}).dropped == {OTHER: 5}


@pytest.mark.parametrize(
    "path",
    [
        "/notifications/6f1d5b0e-0000-4000-8000-000000000000",
        "/players/a/on_pause",
        "/players//on_focus",
        "/players/a/b/on_focus",
        "/players/a/on_focus/",
        "/apps/x/users/by/onesignal_id/y",
    ],
)
def test_nothing_else_is_translated(path: str) -> None:
    request = HttpRequest(method="POST", path=path)

    assert player_of(request) is None
    with pytest.raises(ValueError, match="not about a player"):
        translated(request)


def test_the_player_of_a_request_is_as_it_was_sent() -> None:
    assert player_of(HttpRequest(method="POST", path=f"/players/{PLAYER}/on_focus")) == PLAYER


TEXTS = st.none() | st.text(max_size=8)
TAGS = st.none() | st.dictionaries(st.text(max_size=8), TEXTS, max_size=4)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
SESSIONS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("identifier", "language", "game_version", "device_os", "ad_id", "sdk"), TEXTS),
        "tags": TAGS,
        "timezone": st.none() | st.integers(),
        "device_type": st.none() | st.integers(0),
    },
)


@given(SESSIONS, st.dictionaries(st.text(max_size=12), ANYTHING, max_size=4))
def test_no_session_says_what_onesignal_does_not_know_and_nothing_known_is_lost(
    listed: dict[str, Any], unlisted: dict[str, Any]
) -> None:
    fields = unlisted | listed
    told = {name: value for name, value in fields.items() if value is not None}

    update = session(**fields)

    assert update.user.keys() <= {"properties", "deltas"}
    assert update.user["deltas"] == {"session_count": 1}
    properties = update.user.get("properties", {})
    assert properties == {
        name: told[name] for name in ("language", "tags") if told.get(name) not in (None, {})
    }
    assert update.subscription.keys() <= SUBSCRIPTION_FIELDS
    assert [*update.subscription.values()] == [
        told[name] for name in ("identifier", "device_os", "game_version", "sdk") if name in told
    ]
    gone = told.keys() - {"language", "tags", "identifier", "device_os", "game_version", "sdk"}
    assert sum(update.dropped.values()) == len(gone)
    assert update.dropped.keys() - {OTHER} == gone & WITHOUT_COUNTERPART


ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "sku": st.text(max_size=8),
            "iso": st.from_regex("[A-Za-z]{3}", fullmatch=True),
            "amount": st.integers() | st.from_regex("-?[0-9]{1,9}(\\.[0-9]{1,9})?", fullmatch=True),
        },
        optional={"count": ANYTHING, "x": ANYTHING},
    ),
    min_size=1,
    max_size=4,
)


@given(ITEMS)
def test_no_purchase_says_what_onesignal_does_not_know_and_none_is_lost(items: list[dict[str, Any]]) -> None:
    update = asked("on_purchase", {"purchases": items})

    assert update.user == {
        "deltas": {
            "purchases": [
                {"sku": one["sku"], "iso": one["iso"].upper(), "amount": str(one["amount"]), "count": 1}
                for one in items
            ]
        }
    }
    assert json.loads(json.dumps(update.user)) == update.user
