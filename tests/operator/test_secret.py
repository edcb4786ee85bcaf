"""Editing a secret: what two editors do at once is both there afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operator.conftest import World
from tools.errors import CommandError
from tools.operator import secret
from tools.operator.secret import Document


def add(name: str) -> Any:
    return lambda document: document | {"client_keys": [*document["client_keys"], {"id": name}]}


def names(document: Document) -> list[str]:
    return [key["id"] for key in document["client_keys"]]


def test_an_editor_who_comes_second_does_not_undo_the_first(world: World) -> None:
    secrets, secret_id = world.stack.client("secretsmanager"), world.stack.secret("onesignal")
    seen = []

    def slow(document: Document) -> Document:
        seen.append(names(document))
        if len(seen) <= 2:  # the other one is faster, twice
            secret.edit(secrets, secret_id, add(f"other {len(seen)}"))
        changed: Document = add("mine")(document)
        return changed

    secret.edit(secrets, secret_id, slow)

    assert seen == [[], ["other 1"], ["other 1", "other 2"]]
    assert names(world.secret("onesignal")) == ["other 1", "other 2", "mine"]


def test_no_labels_are_left_over(world: World) -> None:
    secrets, secret_id = world.stack.client("secretsmanager"), world.stack.secret("onesignal")
    for number in range(25):  # a secret may have 20
        secret.edit(secrets, secret_id, add(str(number)))

    versions = secrets.describe_secret(SecretId=secret_id)["VersionIdsToStages"]

    labels = [stage for stages in versions.values() for stage in stages]
    assert sorted(labels) == ["AWSCURRENT", "AWSPREVIOUS"]


def test_an_editor_who_never_comes_first_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    secrets, secret_id = world.stack.client("secretsmanager"), world.stack.secret("onesignal")

    def outrun(document: Document) -> Document:
        secret.edit(secrets, secret_id, add("other"))
        return document

    with pytest.raises(CommandError, match="Other operators keep changing"):
        secret.edit(secrets, secret_id, outrun)


@pytest.mark.parametrize("text", ["{", "[]", "a password"])
def test_what_was_put_there_by_hand_is_not_overwritten(world: World, text: str) -> None:
    secrets, secret_id = world.stack.client("secretsmanager"), world.stack.secret("onesignal")
    secrets.put_secret_value(SecretId=secret_id, SecretString=text)

    with pytest.raises(CommandError, match="not a JSON object: correct it"):
        secret.edit(secrets, secret_id, add("mine"))
    assert secrets.get_secret_value(SecretId=secret_id)["SecretString"] == text


def test_a_secret_has_a_largest_size(world: World) -> None:
    secrets, secret_id = world.stack.client("secretsmanager"), world.stack.secret("onesignal")

    with pytest.raises(CommandError, match="65536"):
        secret.edit(secrets, secret_id, lambda document: document | {"more": "x" * secret.MAX_BYTES})
