"""An endpoint is added to each system of long standing: its route, its sample event and its code agree."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.core.message import HttpRequest
from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from tests.profiles import CLIENT_KEY, profiles, vendors
from tools.places import ROOT
from tools.scaffold.write import new_endpoint
from tools.template.reader import Template
from tools.template.written import written


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What an endpoint is added to."""
    for folder in ("functions", "events", "stack"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize("system", vendors())
def test_it_is_added(project: Path, system: str) -> None:
    files = new_endpoint(project, system, "ping_again")

    (project / "template.yaml").write_text(written(project))
    routes = Template.read(project / "template.yaml").routes
    route, door = (one for one in routes if one.endpoint == f"{system}.ping_again")
    assert len(routes) == len(Template.read().routes) + 2
    assert door.path == f"/batch/{system}/ping-again"
    event = json.loads((project / "events" / system / "ping_again.json").read_text())
    assert event["resource"] == event["requestContext"]["resourcePath"] == route.path
    assert route.path.endswith("/ping-again")
    handler = _loaded(project / "functions" / system / "ping_again.py", f"{system}.ping_again")
    request = Request.of(event, max_body=10_240)
    task, policy = handler.task(request)
    assert isinstance(task.payload, HttpRequest)
    assert task.payload.path == "/v1/ping-again"
    assert task.payload.body == event["body"].encode()
    assert policy.may_queue == (handler.system.settings.delivery != "off")
    if profiles()[system].client_keys == "default":
        assert CLIENT_KEY in handler.system.presented(request)
    assert {file.relative_to(project).parts[0] for file in files} == {"functions", "events", "tests"}


def test_what_stands_in_stack_yaml_stays(project: Path) -> None:
    system = next(iter(vendors()))
    stack = project / "functions" / system / "stack.yaml"
    before = stack.read_text().splitlines()

    new_endpoint(project, system, "ping")

    added = [line for line in stack.read_text().splitlines() if line not in before]
    assert added[0] == "  ping:"
    assert [line for line in stack.read_text().splitlines() if line not in added] == before


def _loaded(file: Path, name: str) -> Endpoint[Any, Any]:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Endpoint[Any, Any] = module.handler
    return handler
