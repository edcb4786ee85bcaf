"""track's own modules for the tools have the form that each tool asks for; mypy compares the signatures."""

from pathlib import Path
from unittest import mock

import pytest

from tools.deploy.stage import OwnRules
from tools.errors import CommandError
from tools.operator.doctor.deep.plan import SyntheticEvent
from tools.operator.erasure.subject import Events
from tools.operator.vendor_credentials.own_credential import OwnCredential
from tools.places import Places
from tools.programs import process
from tools.systems import registry
from tools.systems.local_store import LocalStore
from tools.systems.track import credential, erasure, local_store, stage, synthetic_event

STORE: LocalStore = local_store
CREDENTIAL: OwnCredential = credential
EVENTS: Events = erasure
SYNTHETIC: SyntheticEvent = synthetic_event
RULES: OwnRules = stage


def test_each_is_found_under_its_tools_name() -> None:
    for module in (STORE, CREDENTIAL, EVENTS, SYNTHETIC, RULES):
        name = vars(module)["__name__"].rpartition(".")[2]
        assert registry.part("track", name) is module
        assert registry.parts(name) == {"track": module}


def test_a_store_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    file = tmp_path / "track.db"
    file.write_bytes(b"no database" * 100)

    with pytest.raises(OSError, match=r"track\.db"):
        local_store.row(f"sqlite:///{file}", "1")


def test_a_store_that_cannot_be_used_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = CommandError("not migrated: database unusable")
    monkeypatch.setattr(process, "run", mock.Mock(side_effect=failed))

    with pytest.raises(
        CommandError, match=r"^/a/b\.db cannot be used .* EVENT_STORE=sqlite:///…`\nnot migrated"
    ):
        STORE.make_tables("sqlite:////a/b.db", Places(tmp_path))


def test_other_systems_have_none() -> None:
    assert registry.part("trax", "erasure") is None
