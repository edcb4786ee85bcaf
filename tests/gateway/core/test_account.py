"""Accounts: which one a client key names, and what may stand beside an account's credential."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.account import Account

PROJECT = Account("project", "[a-z]+", "letters")
APP = Account("app", "[a-z]+", "letters", named_by_key=True, settings={"model": ("players", "users")})


@pytest.mark.parametrize(
    ("allowed", "named"),
    [
        ([], []),
        (["*"], []),
        (["123", "A"], []),
        (["a"], ["a"]),
        (["*", "a", "123", "a"], ["a"]),
        (["b", "a"], ["a", "b"]),
    ],
)
def test_a_key_names_what_may_be_an_account(allowed: list[str], named: list[str]) -> None:
    assert APP.named_in(allowed) == named
    assert PROJECT.named_in(allowed) == []


def test_a_key_names_the_same_account_in_capitals() -> None:
    id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    assert replace(APP, grammar="[0-9a-f-]+").named_in([id.upper(), "*"]) == [id]


@pytest.mark.parametrize(
    ("secret", "settings"),
    [
        ({}, {}),
        ({"accounts": None}, {}),
        ({"accounts": {}}, {}),
        ({"accounts": {"a": None}}, {}),
        ({"accounts": {"a": {"model": None}}}, {}),
        ({"accounts": {"a": {"model": "users", "of a newer release": [1]}}}, {"model": "users"}),
        ({"accounts": {"a": {"model": "players"}, "b": {"model": 5}, "c": []}}, {"model": "players"}),
    ],
)
def test_an_account_has_its_own_settings(secret: dict[str, Any], settings: dict[str, str]) -> None:
    assert APP.settings_in(secret, "a") == settings


@pytest.mark.parametrize(
    "accounts", ["a", ["a"], 5, *({"a": entry} for entry in ("users", ["model"], 5, {"model": "Users"}))]
)
def test_settings_that_are_none_are_not_guessed(accounts: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        APP.settings_in({"accounts": accounts}, "a")


@pytest.mark.parametrize("model", ["", 5, True, ["users"], {"users": 1}])
def test_a_setting_has_one_of_its_values(model: Any) -> None:
    with pytest.raises(ValueError, match="model must be players or users"):
        APP.settings_in({"accounts": {"a": {"model": model}}}, "a")
