"""Keys and credentials made with the CLI outlive a local run; what a run was given does not."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tools.errors import CommandError
from tools.local import secret_snapshot
from tools.local.credentials import CLIENT_KEY, secret
from tools.local.secret_snapshot import OWN, fingerprint

MADE: dict[str, Any] = {"id": "0a1b", "sha256": "…", "name": "ios", "allows": ["*"], "expires": None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secrets.json"


def ended(file: Path, document: object, own: str | None) -> dict[str, Any]:
    """A run ends with this document in Trax's secret; what is kept of it."""
    state = file.parent / "aws"
    state.mkdir(exist_ok=True)
    saved = {
        "Name": "trackgate-TraxSecret-46E411BCD3649",
        "Tags": [] if own is None else [{"Key": OWN, "Value": own}],
        "Versions": {
            "1": {"Stages": ["AWSPREVIOUS"], "SecretString": '{"client_keys": ["older"]}'},
            "2": {"Stages": ["AWSCURRENT"], "SecretString": json.dumps(document)},
        },
    }
    store = {"__account_region_scoped__": True, "data": {"k": saved}}
    (state / "secretsmanager.json").write_text(json.dumps({"payload": {"secrets": store}}))
    secret_snapshot.update(state, file)
    return secret_snapshot.read(file).get("TraxSecret", {})


def test_a_key_and_credentials_made_in_one_run_are_in_the_next(file: Path) -> None:
    first = secret("trax", {})
    made = first | {
        "credentials": {"*": "made", "p-1": "made for p-1"},
        "client_keys": [*first["client_keys"], MADE],
        "accounts": {"p-1": {"model": "users"}},
    }

    kept = ended(file, made, fingerprint("local-trax-credential"))
    second = secret("trax", {}, kept)

    assert second["credentials"] == {"*": "made", "p-1": "made for p-1"}
    assert [key["id"] for key in second["client_keys"]] == ["local", "0a1b"]
    assert second["accounts"] == {"p-1": {"model": "users"}}
    assert ended(file, second, "") == kept, "a run that changes nothing keeps the same"


def test_a_credential_of_the_environment_is_not_written_down_and_covers_the_kept_one(file: Path) -> None:
    ended(file, {"credentials": {"*": "made"}}, fingerprint("local-trax-credential"))
    given = secret("trax", {"TRAX_CREDENTIAL": "a vendor's own"}, secret_snapshot.read(file)["TraxSecret"])
    assert given["credentials"] == {"*": "a vendor's own"}

    kept = ended(file, given, fingerprint("a vendor's own"))

    assert kept["credentials"] == {"*": "made"}
    assert "vendor's own" not in file.read_text()


def test_what_the_run_itself_wrote_needs_no_file(file: Path) -> None:
    assert ended(file, secret("trax", {}), fingerprint("local-trax-credential")) == {}
    assert not file.exists()


def test_a_revoked_key_stays_revoked_and_the_local_one_comes_back(file: Path) -> None:
    made = {"credentials": {}, "client_keys": [MADE]}
    ended(file, made, "")

    kept = ended(file, {"credentials": {"*": "made"}, "client_keys": []}, "")
    (key,) = secret("trax", {}, kept)["client_keys"]

    assert key["sha256"] == fingerprint(CLIENT_KEY)


@pytest.mark.parametrize(
    ("document", "own"), [({"credentials": {}, "client_keys": []}, None), ("by hand", ""), ([], "")]
)
def test_a_start_that_failed_or_a_secret_that_is_none_takes_nothing_away(
    file: Path, document: object, own: str | None
) -> None:
    kept = ended(file, {"credentials": {"*": "made"}}, "")

    assert ended(file, document, own) == kept


def test_its_owner_alone_may_read_it(file: Path) -> None:
    file.with_suffix(".new").touch(mode=0o666)  # of a crash

    ended(file, {"credentials": {"*": "made"}}, "")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["not json", "5", '{"TraxSecret": "a credential"}'])
def test_a_damaged_file_is_named(file: Path, text: str) -> None:
    file.write_text(text)

    with pytest.raises(CommandError, match=r"secrets\.json is damaged or of another version"):
        secret_snapshot.read(file)
